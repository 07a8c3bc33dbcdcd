"""The resources that the clients write; `mark` keeps those of one run apart."""

OBSERVATIONS = 130
PAGE = 20
IDENTIFIERS = "urn:cresset:clients"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
HEIGHT = "8302-2"
WEIGHT = "29463-7"


def patient(mark, family):
    return {
        "resourceType": "Patient",
        "identifier": [{"system": IDENTIFIERS, "value": mark}],
        "name": [{"family": family, "given": ["Zoë", "Ann"]}],
        "gender": "female",
        "birthDate": "1974-12-25",
    }


def observation(subject, number):
    """Heights and weights in turn, a day apart; every second one is a height."""
    code, value, unit = (HEIGHT, 150 + number / 10, "cm") if number % 2 else (WEIGHT, 50 + number / 10, "kg")
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": code}]},
        "subject": {"reference": subject},
        "effectiveDateTime": f"2020-{1 + number // 28:02}-{1 + number % 28:02}",
        "valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": unit},
    }


def transaction(mark):
    """A practitioner, her patient and the patient's Observations, which refer to each other by `urn:uuid`."""
    practitioner = "urn:uuid:0a4d5c1e-5b0e-4c5e-9a39-2f1c5d1c9b01"
    subject = "urn:uuid:0a4d5c1e-5b0e-4c5e-9a39-2f1c5d1c9b02"
    doctor = {"resourceType": "Practitioner", "name": [{"family": f"Doctor {mark}"}]}
    patient_of_hers = {**patient(mark, "Paged"), "generalPractitioner": [{"reference": practitioner}]}
    entries = [entry("Observation", observation(subject, number)) for number in range(OBSERVATIONS)]
    entries.append(entry("Patient", patient_of_hers, subject))
    entries.append(entry("Practitioner", doctor, practitioner))
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def entry(resource_type, resource, full_url=None):
    made = {"resource": resource, "request": {"method": "POST", "url": resource_type}}
    if full_url:
        made["fullUrl"] = full_url
    return made


def id_in(location):
    """The id in `Type/id/_history/version`, absolute or not."""
    return location.split("/_history/")[0].rsplit("/", 1)[1]

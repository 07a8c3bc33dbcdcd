package cresset.clients;

import java.math.BigDecimal;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.DateTimeType;
import org.hl7.fhir.r4.model.Enumerations.AdministrativeGender;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.Practitioner;
import org.hl7.fhir.r4.model.Quantity;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;

/** The resources that the client writes; {@code mark} keeps those of one run apart. */
final class Records {
    static final int OBSERVATIONS = 130;
    static final int PAGE = 20;
    static final String IDENTIFIERS = "urn:cresset:clients";
    static final String LOINC = "http://loinc.org";
    static final String HEIGHT = "8302-2";

    private static final String WEIGHT = "29463-7";

    private Records() {}

    static Patient patient(String mark, String family) {
        Patient patient = new Patient();
        patient.addIdentifier().setSystem(IDENTIFIERS).setValue(mark);
        patient.addName().setFamily(family).addGiven("Zoë").addGiven("Ann");
        patient.setGender(AdministrativeGender.FEMALE);
        patient.getBirthDateElement().setValueAsString("1974-12-25");
        return patient;
    }

    /** Heights and weights in turn, a day apart; every second one is a height. */
    private static Observation observation(String subject, int number) {
        boolean height = number % 2 == 1;
        String unit = height ? "cm" : "kg";
        Observation observation = new Observation();
        observation.setStatus(Observation.ObservationStatus.FINAL);
        observation.getCode().addCoding().setSystem(LOINC).setCode(height ? HEIGHT : WEIGHT);
        observation.setSubject(new Reference(subject));
        String day = String.format("2020-%02d-%02d", 1 + number / 28, 1 + number % 28);
        observation.setEffective(new DateTimeType(day));
        observation.setValue(new Quantity()
                .setValue(BigDecimal.valueOf((height ? 1500 : 500) + number, 1))
                .setUnit(unit)
                .setSystem("http://unitsofmeasure.org")
                .setCode(unit));
        return observation;
    }

    /** A practitioner, her patient and the patient's Observations, which refer to each other by {@code urn:uuid}. */
    static Bundle transaction(String mark) {
        String practitioner = "urn:uuid:0a4d5c1e-5b0e-4c5e-9a39-2f1c5d1c9b01";
        String subject = "urn:uuid:0a4d5c1e-5b0e-4c5e-9a39-2f1c5d1c9b02";
        Bundle bundle = new Bundle();
        bundle.setType(Bundle.BundleType.TRANSACTION);
        for (int number = 0; number < OBSERVATIONS; number++) {
            post(bundle, null, observation(subject, number));
        }
        Patient patient = patient(mark, "Paged");
        patient.addGeneralPractitioner(new Reference(practitioner));
        post(bundle, subject, patient);
        Practitioner doctor = new Practitioner();
        doctor.addName().setFamily("Doctor " + mark);
        post(bundle, practitioner, doctor);
        return bundle;
    }

    private static void post(Bundle bundle, String fullUrl, Resource resource) {
        bundle.addEntry()
                .setFullUrl(fullUrl)
                .setResource(resource)
                .getRequest()
                .setMethod(Bundle.HTTPVerb.POST)
                .setUrl(resource.fhirType());
    }
}

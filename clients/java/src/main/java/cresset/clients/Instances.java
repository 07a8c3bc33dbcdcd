package cresset.clients;

import static cresset.clients.Steps.expect;

import ca.uhn.fhir.rest.api.MethodOutcome;
import ca.uhn.fhir.rest.client.api.IGenericClient;
import ca.uhn.fhir.rest.server.exceptions.PreconditionFailedException;
import ca.uhn.fhir.rest.server.exceptions.ResourceGoneException;
import ca.uhn.fhir.rest.server.exceptions.UnprocessableEntityException;
import java.util.List;
import java.util.UUID;
import org.hl7.fhir.instance.model.api.IBaseOperationOutcome;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.CodeType;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.DateType;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.OperationOutcome;
import org.hl7.fhir.r4.model.OperationOutcome.IssueSeverity;
import org.hl7.fhir.r4.model.Parameters;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.StringType;

/** What is done with one resource: written, read, changed, deleted. */
final class Instances {
    /** Lacks what it must have. */
    private static final Observation WITHOUT_STATUS =
            new Observation().setCode(new CodeableConcept().setText("Without status"));

    private final IGenericClient client;
    private final Steps steps;
    private final Patient patient = Records.patient(UUID.randomUUID().toString(), "Created");

    Instances(IGenericClient client, Steps steps) {
        this.client = client;
        this.steps = steps;
    }

    void run() {
        steps.step("create", this::create);
        steps.step("read", this::read);
        steps.step("update", this::update);
        steps.step("update of a version that is not the last is refused", this::staleUpdate);
        steps.step("vread", this::vread);
        steps.step("history", this::history);
        steps.step("conditional create", this::conditionalCreate);
        steps.step("conditional update", this::conditionalUpdate);
        steps.step("JSON Patch", this::jsonPatch);
        steps.step("FHIRPath Patch", this::fhirPathPatch);
        steps.step("validate", this::validate);
        steps.step("an invalid resource is refused", this::refusal);
        steps.step("delete, then gone", this::delete);
    }

    private void create() {
        MethodOutcome outcome = client.create().resource(patient).execute();
        expect("created", outcome.getCreated(), true);
        expect("version", outcome.getId().getVersionIdPart(), "1");
        patient.setId(outcome.getId().toUnqualifiedVersionless());
    }

    private void read() {
        Patient found = client.read().resource(Patient.class).withId(id()).execute();
        expect("given names", found.getNameFirstRep().getGivenAsSingleString(), "Zoë Ann");
    }

    private void update() {
        patient.getNameFirstRep().setFamily("Updated");
        expect("version", client.update().resource(patient).execute().getId().getVersionIdPart(), "2");
    }

    private void staleUpdate() {
        Patient stale = patient.copy();
        stale.setId(patient.getIdElement().withVersion("1"));
        try {
            client.update().resource(stale).withAdditionalHeader("If-Match", "W/\"1\"").execute();
        } catch (PreconditionFailedException refused) {
            return;
        }
        throw new AssertionError("it was updated");
    }

    private void vread() {
        Patient first = client.read().resource(Patient.class).withIdAndVersion(id(), "1").execute();
        expect("family", first.getNameFirstRep().getFamily(), "Created");
    }

    private void history() {
        Bundle bundle = client.history().onInstance("Patient/" + id()).returnBundle(Bundle.class).execute();
        expect("type", bundle.getType(), Bundle.BundleType.HISTORY);
        List<String> versions = bundle.getEntry().stream()
                .map(entry -> entry.getResource().getMeta().getVersionId())
                .toList();
        expect("versions", versions, List.of("2", "1"));
    }

    private void conditionalCreate() {
        String own = UUID.randomUUID().toString();
        MethodOutcome first = createUnlessThere(own);
        MethodOutcome second = createUnlessThere(own);
        expect("created at first", first.getResponseStatusCode(), 201);
        expect("not again", second.getResponseStatusCode(), 200);
        expect("id", second.getId().getIdPart(), first.getId().getIdPart());
    }

    private MethodOutcome createUnlessThere(String own) {
        return client.create()
                .resource(Records.patient(own, "Once"))
                .conditional()
                .where(Patient.IDENTIFIER.exactly().systemAndIdentifier(Records.IDENTIFIERS, own))
                .execute();
    }

    private void conditionalUpdate() {
        String own = UUID.randomUUID().toString();
        MethodOutcome first = updateWhereFound(own, "First");
        MethodOutcome second = updateWhereFound(own, "Second");
        expect("created at first", first.getResponseStatusCode(), 201);
        expect("updated then", second.getResponseStatusCode(), 200);
        expect("id", second.getId().getIdPart(), first.getId().getIdPart());
        expect("version", second.getId().getVersionIdPart(), "2");
    }

    private MethodOutcome updateWhereFound(String own, String family) {
        return client.update()
                .resource(Records.patient(own, family))
                .conditional()
                .where(Patient.IDENTIFIER.exactly().systemAndIdentifier(Records.IDENTIFIERS, own))
                .execute();
    }

    private void jsonPatch() {
        String operations = "[{\"op\": \"replace\", \"path\": \"/birthDate\", \"value\": \"1975-01-02\"}]";
        client.patch().withBody(operations).withId("Patient/" + id()).execute();
        expect("birth date", birthDate(), "1975-01-02");
    }

    private void fhirPathPatch() {
        Parameters patch = new Parameters();
        Parameters.ParametersParameterComponent operation = patch.addParameter().setName("operation");
        operation.addPart().setName("type").setValue(new CodeType("replace"));
        operation.addPart().setName("path").setValue(new StringType("Patient.birthDate"));
        operation.addPart().setName("value").setValue(new DateType("1976-03-04"));
        client.patch().withFhirPatch(patch).withId("Patient/" + id()).execute();
        expect("birth date", birthDate(), "1976-03-04");
    }

    private String birthDate() {
        Patient found = client.read().resource(Patient.class).withId(id()).execute();
        return found.getBirthDateElement().getValueAsString();
    }

    private void validate() {
        Patient good = Records.patient(UUID.randomUUID().toString(), "Valid");
        expect("errors", errors(client.validate().resource(good).execute().getOperationOutcome()), List.of());
        IBaseOperationOutcome outcome = client.validate().resource(WITHOUT_STATUS).execute().getOperationOutcome();
        expect("places", errors(outcome), List.of("Observation.status"));
    }

    private static List<String> errors(IBaseOperationOutcome outcome) {
        return ((OperationOutcome) outcome)
                .getIssue().stream()
                        .filter(issue -> issue.getSeverity() == IssueSeverity.ERROR)
                        .map(issue -> issue.getExpression().get(0).getValue())
                        .toList();
    }

    private void refusal() {
        try {
            client.create().resource(WITHOUT_STATUS).execute();
        } catch (UnprocessableEntityException refused) {
            expect("places", errors(refused.getOperationOutcome()), List.of("Observation.status"));
            return;
        }
        throw new AssertionError("it was created");
    }

    private void delete() {
        client.delete().resourceById("Patient", id()).execute();
        try {
            client.read().resource(Patient.class).withId(id()).execute();
        } catch (ResourceGoneException gone) {
            return;
        }
        throw new AssertionError("it can still be read");
    }

    private String id() {
        return patient.getIdElement().getIdPart();
    }
}

package cresset.clients;

import static cresset.clients.Steps.expect;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.client.api.IGenericClient;

/** HAPI FHIR's generic client against a running server: {@code java … cresset.clients.Hapi BASE}. */
public final class Hapi {
    private Hapi() {}

    /** Runs all steps against the base URL given. */
    public static void main(String[] arguments) {
        IGenericClient client = FhirContext.forR4().newRestfulGenericClient(arguments[0]);
        Steps steps = new Steps();
        steps.step("capabilities", () -> {
            var statement = client.capabilities()
                    .ofType(org.hl7.fhir.r4.model.CapabilityStatement.class)
                    .execute();
            expect("version", statement.getFhirVersion().toCode(), "4.0.1");
        });
        new Instances(client, steps).run();
        new Searches(client, steps).run();
        steps.finish();
    }
}

package cresset.clients;

import ca.uhn.fhir.rest.server.exceptions.BaseServerResponseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Named steps: each prints a line, and the program's exit status says whether all were as expected. */
final class Steps {
    private final List<String> failed = new ArrayList<>();

    /** What a step does. */
    interface Action {
        void run() throws Exception;
    }

    /** Runs {@code action} as the step of this name; whatever it throws is a finding. */
    void step(String name, Action action) {
        try {
            action.run();
            System.out.println("hapi: ok " + name);
        } catch (Exception | AssertionError error) {
            failed.add(name);
            String answer = error instanceof BaseServerResponseException e ? " " + e.getResponseBody() : "";
            String said = error.toString().replaceAll("\\s+", " ") + answer;
            System.out.println("hapi: FAILED " + name + ": " + said.substring(0, Math.min(600, said.length())));
        }
    }

    /** Ends the program; not with 0 if a step failed. */
    void finish() {
        if (!failed.isEmpty()) {
            System.err.println("hapi: failed: " + String.join(", ", failed));
            System.exit(1);
        }
    }

    /** Fails unless what was found is what was wanted. */
    static void expect(String what, Object found, Object wanted) {
        if (!Objects.equals(found, wanted)) {
            throw new AssertionError(what + ": " + found + ", not " + wanted);
        }
    }
}

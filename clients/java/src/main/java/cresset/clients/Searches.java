package cresset.clients;

import static cresset.clients.Steps.expect;

import ca.uhn.fhir.model.api.Include;
import ca.uhn.fhir.rest.api.SearchStyleEnum;
import ca.uhn.fhir.rest.api.SearchTotalModeEnum;
import ca.uhn.fhir.rest.api.SummaryEnum;
import ca.uhn.fhir.rest.client.api.IGenericClient;
import ca.uhn.fhir.rest.gclient.IQuery;
import ca.uhn.fhir.rest.gclient.ReferenceClientParam;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Bundle.SearchEntryMode;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.Patient;

/** A transaction, and searches for what it wrote. */
final class Searches {
    private final IGenericClient client;
    private final Steps steps;
    private final String mark = UUID.randomUUID().toString();
    private String patient;
    private String practitioner;

    Searches(IGenericClient client, Steps steps) {
        this.client = client;
        this.steps = steps;
    }

    void run() {
        steps.step("transaction", this::transaction);
        steps.step("search with several parameters", () -> severalParameters(SearchStyleEnum.GET));
        steps.step("search by POST", () -> severalParameters(SearchStyleEnum.POST));
        steps.step("search with a chain and _has", this::chain);
        steps.step("page to the end", this::pages);
        steps.step("count", this::count);
        steps.step("_include", this::include);
        steps.step("_include:iterate", this::includeIterate);
        steps.step("_revinclude", this::revinclude);
    }

    private void transaction() {
        Bundle answer = client.transaction().withBundle(Records.transaction(mark)).execute();
        expect("type", answer.getType(), Bundle.BundleType.TRANSACTIONRESPONSE);
        patient = idAt(answer, Records.OBSERVATIONS);
        practitioner = idAt(answer, Records.OBSERVATIONS + 1);
        Patient found = client.read().resource(Patient.class).withId(patient).execute();
        String reference = found.getGeneralPractitionerFirstRep().getReference();
        expect("practitioner", reference, "Practitioner/" + practitioner);
    }

    private static String idAt(Bundle answer, int place) {
        return new IdType(answer.getEntry().get(place).getResponse().getLocation()).getIdPart();
    }

    private IQuery<Bundle> observations() {
        return client.search()
                .forResource(Observation.class)
                .where(Observation.SUBJECT.hasId("Patient/" + patient))
                .returnBundle(Bundle.class);
    }

    private void severalParameters(SearchStyleEnum style) {
        Bundle bundle = observations()
                .and(Observation.CODE.exactly().systemAndCode(Records.LOINC, Records.HEIGHT))
                .and(Observation.DATE.afterOrEquals().day("2020-02-01"))
                .and(Observation.DATE.before().day("2020-03-01"))
                .and(Observation.VALUE_QUANTITY.greaterThan().number(153).andUnits("cm"))
                .and(Observation.STATUS.exactly().code("final"))
                .sort()
                .descending(Observation.DATE)
                .usingStyle(style)
                .execute();
        List<String> dates = bundle.getEntry().stream()
                .map(entry -> ((Observation) entry.getResource()).getEffectiveDateTimeType().getValueAsString())
                .toList();
        List<String> wanted = IntStream.range(0, 13)
                .mapToObj(n -> String.format("2020-02-%02d", 28 - 2 * n))
                .toList();
        expect("dates", dates, wanted);
    }

    private void chain() {
        Bundle chained = client.search()
                .forResource(Observation.class)
                .where(Observation.PATIENT.hasChainedProperty(
                        Patient.IDENTIFIER.exactly().systemAndIdentifier(Records.IDENTIFIERS, mark)))
                .count(1)
                .returnBundle(Bundle.class)
                .execute();
        expect("observations through a chain", ids(chained, SearchEntryMode.MATCH).size(), 1);
        Bundle having = client.search()
                .forResource(Patient.class)
                .where(Patient.RES_ID.exactly().code(patient))
                .and(new ReferenceClientParam("_has:Observation:subject:code").hasId(Records.HEIGHT))
                .returnBundle(Bundle.class)
                .execute();
        expect("patients that have heights", ids(having, SearchEntryMode.MATCH), List.of(patient));
    }

    private void pages() {
        List<String> found = new ArrayList<>();
        Bundle page = observations().count(Records.PAGE).execute();
        found.addAll(ids(page, SearchEntryMode.MATCH));
        while (page.getLink(Bundle.LINK_NEXT) != null) {
            page = client.loadPage().next(page).execute();
            found.addAll(ids(page, SearchEntryMode.MATCH));
        }
        expect("observations", found.size(), Records.OBSERVATIONS);
        expect("different ones", new HashSet<>(found).size(), Records.OBSERVATIONS);
    }

    private void count() {
        Bundle counted = observations().summaryMode(SummaryEnum.COUNT).execute();
        expect("total of _summary=count", counted.getTotal(), Records.OBSERVATIONS);
        Bundle page = observations().count(1).totalMode(SearchTotalModeEnum.ACCURATE).execute();
        expect("total of _total=accurate", page.getTotal(), Records.OBSERVATIONS);
    }

    private void include() {
        Bundle bundle = observations().include(Observation.INCLUDE_SUBJECT).count(Records.PAGE).execute();
        expect("matches", ids(bundle, SearchEntryMode.MATCH).size(), Records.PAGE);
        expect("included", ids(bundle, SearchEntryMode.INCLUDE), List.of(patient));
    }

    private void includeIterate() {
        Bundle bundle = observations()
                .include(Observation.INCLUDE_SUBJECT)
                .include(new Include("Patient:general-practitioner", true))
                .count(Records.PAGE)
                .execute();
        Set<String> included = new HashSet<>(ids(bundle, SearchEntryMode.INCLUDE));
        expect("included", included, Set.of(patient, practitioner));
    }

    private void revinclude() {
        Bundle bundle = client.search()
                .forResource(Patient.class)
                .where(Patient.RES_ID.exactly().code(patient))
                .revInclude(Observation.INCLUDE_SUBJECT)
                .returnBundle(Bundle.class)
                .execute();
        expect("matches", ids(bundle, SearchEntryMode.MATCH), List.of(patient));
        int included = new HashSet<>(ids(bundle, SearchEntryMode.INCLUDE)).size();
        expect("included", included, Records.OBSERVATIONS);
    }

    private static List<String> ids(Bundle bundle, SearchEntryMode mode) {
        return bundle.getEntry().stream()
                .filter(entry -> entry.getSearch().getMode() == mode)
                .map(entry -> entry.getResource().getIdElement().getIdPart())
                .toList();
    }
}

//! CarePlan with its CareTeam and its Goal.

use super::{CONDITION, ORGANIZATION, PATIENT, PRACTITIONER, us_core};
use crate::chart::{Chart, Visit};
use crate::codes::Code;
use crate::codes::chronic::Plan;
use crate::date::{Date, Moment};
use crate::id::Id;
use crate::json::JsonWriter;

impl Chart<'_> {
    /// The plan for a condition; it ends with the person's life or on the given day.
    pub(crate) fn care_plan(
        &mut self,
        visit: &Visit,
        plan: &'static Plan,
        (condition, about): (Id, &Code),
        until: Option<Date>,
    ) {
        let end = until.or(self.person.died).filter(|day| *day <= self.person.end);
        let end = end.filter(|day| *day > visit.end.date);
        let end = end.map(|day| self.moment(day, (0, 5)));
        let team = self.care_team(visit, (condition, about), end);
        let goal = self.goal(visit, plan, condition, end);
        let id = self.random.id();
        let patient = self.person.id;
        self.resource(|json| {
            json.head("CarePlan", &id);
            json.profile(us_core!("careplan"));
            narrative(json, plan, about);
            json.string("status", if end.is_some() { "completed" } else { "active" });
            json.string("intent", "order");
            categories(json, plan);
            json.string("title", plan.category.display);
            json.reference("subject", PATIENT, &patient);
            visit.reference(json);
            json.period("period", visit.start, end);
            json.references("careTeam", "CareTeam/", &team);
            json.references("addresses", CONDITION, &condition);
            json.references("goal", "Goal/", &goal);
            let status = if end.is_some() { "completed" } else { "in-progress" };
            activities(json, plan, status, &visit.organization.name);
        });
    }

    fn care_team(&mut self, visit: &Visit, about: (Id, &Code), end: Option<Moment>) -> Id {
        let id = self.random.id();
        let person = self.person;
        let organization = visit.organization;
        self.resource(|json| {
            json.head("CareTeam", &id);
            json.profile(us_core!("careteam"));
            json.string("status", if end.is_some() { "inactive" } else { "active" });
            json.reference("subject", PATIENT, &person.id);
            visit.reference(json);
            json.period("period", visit.start, end);
            json.array("participant", |json| {
                let practitioner = visit.practitioner;
                let name = &practitioner.display;
                let members = [
                    ("Patient", PATIENT, &person.id, &person.display),
                    ("Physician", PRACTITIONER, &practitioner.id, name),
                    ("Provider", ORGANIZATION, &organization.id, &organization.name),
                ];
                for (role, prefix, member, name) in members {
                    json.item(|json| participant(json, role, (prefix, member, name)));
                }
            });
            json.concepts("reasonCode", about.1);
            json.one("managingOrganization", |json| {
                json.id("reference", ORGANIZATION, &organization.id);
                json.string("display", &organization.name);
            });
        });
        id
    }

    fn goal(
        &mut self,
        visit: &Visit,
        plan: &'static Plan,
        condition: Id,
        end: Option<Moment>,
    ) -> Id {
        let id = self.random.id();
        let patient = self.person.id;
        let (status, achievement) = match (end, self.random.below(3)) {
            (Some(_), _) => ("completed", "achieved"),
            (None, 0) => ("active", "improving"),
            (None, _) => ("active", "in-progress"),
        };
        self.resource(|json| {
            json.head("Goal", &id);
            json.profile(us_core!("goal"));
            json.string("lifecycleStatus", status);
            json.hl7("achievementStatus", "goal-achievement", achievement);
            json.object("description", |json| json.string("text", plan.goal));
            json.reference("subject", PATIENT, &patient);
            json.date("startDate", visit.date());
            json.references("addresses", CONDITION, &condition);
        });
        id
    }
}

fn narrative(json: &mut JsonWriter, plan: &Plan, about: &Code) {
    json.object("text", |json| {
        json.string("status", "generated");
        json.strings(
            "div",
            &[
                r#"<div xmlns=\"http://www.w3.org/1999/xhtml\">"#,
                plan.category.display,
                " for ",
                about.display,
                ".</div>",
            ],
        );
    });
}

fn categories(json: &mut JsonWriter, plan: &Plan) {
    json.array("category", |json| {
        json.item(|json| {
            json.one("coding", |json| {
                json.string("system", "http://hl7.org/fhir/us/core/CodeSystem/careplan-category");
                json.string("code", "assess-plan");
            });
        });
        json.item(|json| {
            json.one("coding", |json| {
                json.string("system", plan.category.system.url());
                json.string("code", plan.category.code);
                json.string("display", plan.category.display);
            });
            json.string("text", plan.category.display);
        });
    });
}

fn activities(json: &mut JsonWriter, plan: &Plan, status: &str, name: &str) {
    json.array("activity", |json| {
        for activity in plan.activities {
            json.item(|json| {
                json.object("detail", |json| {
                    json.concept("code", activity);
                    json.string("status", status);
                    json.object("location", |json| json.string("display", name));
                });
            });
        }
    });
}

fn participant(json: &mut JsonWriter, role: &str, (prefix, id, name): (&str, &Id, &str)) {
    json.one("role", |json| json.string("text", role));
    json.named_reference("member", prefix, id, name);
}

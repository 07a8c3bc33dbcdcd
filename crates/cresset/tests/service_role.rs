//! A server whose role in the database owns nothing: what it needs is granted by `config migrate`.

mod support;

use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use support::http::Client;
use support::server::{cresset, run};

/// A front end; dropped, it is killed.
struct FrontEnd(Child);

impl Drop for FrontEnd {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Starts one on a free port, and says where it listens.
fn serve(url: &str) -> (FrontEnd, Client) {
    let mut command = cresset(&["serve", "--listen", "127.0.0.1:0", "--store", url]);
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the binary starts");
    let told = BufReader::new(child.stdout.take().expect("its standard output is ours"));
    let line = told.lines().map_while(Result::ok).find(|line| line.contains("FHIR R4"));
    let line = line.expect("it says where it listens");
    let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next());
    let address = address.and_then(|address| address.parse().ok()).expect("an address");
    (FrontEnd(child), Client::new(address))
}

fn sql(url: &str, statements: &str) {
    let mut psql = Command::new("psql");
    psql.args(["-qX", "-v", "ON_ERROR_STOP=1", "-c", statements, url]);
    let output = psql.output().expect("psql is there with PostgreSQL");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn told(args: &[&str], is_success: bool) -> String {
    let output = run(args);
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert_eq!(output.status.success(), is_success, "{args:?}: {text}");
    text
}

fn send(client: &mut Client, method: &str, path: &str, body: &Value, header: &str) -> (u16, Value) {
    let mut headers = vec![("Content-Type", "application/fhir+json")];
    headers.extend(header.split_once(": "));
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    let path = format!("/fhir{path}");
    let answer = client.request(method, &path, &headers, &body).expect("an answer");
    (answer.status, if answer.body.is_empty() { Value::Null } else { answer.json() })
}

fn is_served(client: &mut Client) {
    let patient = json!({ "resourceType": "Patient", "id": "p", "name": [{ "family": "Roe" }],
        "identifier": [{ "system": "urn:x", "value": "1" }] });
    let mut ask =
        |method, path: &str, body: &Value, header| send(client, method, path, body, header);
    assert_eq!(ask("PUT", "/Patient/p", &patient, "").0, 201);
    let mut married = patient.clone();
    married["name"][0]["family"] = "Doe".into();
    assert_eq!(ask("PUT", "/Patient/p", &married, "If-Match: W/\"1\"").0, 200);
    assert_eq!(ask("POST", "/Patient", &patient, "If-None-Exist: identifier=urn:x|1").0, 200);
    assert_eq!(ask("POST", "/Patient", &patient, "If-None-Exist: identifier=urn:x|2").0, 201);
    let found = ask("GET", "/Patient?family=doe", &Value::Null, "").1;
    assert_eq!(found["entry"][0]["resource"]["id"], "p", "{found}");
    let observation = json!({ "resourceType": "Observation", "status": "final",
        "code": { "text": "x" }, "subject": { "reference": "Patient/p" } });
    let transaction = json!({ "resourceType": "Bundle", "type": "transaction", "entry": [
        { "resource": observation, "request": { "method": "POST", "url": "Observation" } },
        { "request": { "method": "DELETE", "url": "Patient?identifier=urn:x|9" } }] });
    assert_eq!(ask("POST", "", &transaction, "").0, 200);
    let found = ask("GET", "/Observation?subject.family=doe", &Value::Null, "").1;
    assert_eq!(found["entry"].as_array().map(Vec::len), Some(1), "{found}");
    assert_eq!(ask("DELETE", "/Patient/p", &Value::Null, "").0, 204);
    assert_eq!(ask("GET", "/Patient/p", &Value::Null, "").0, 410);
    let history = ask("GET", "/Patient/p/_history", &Value::Null, "").1;
    assert_eq!(history["entry"].as_array().map(Vec::len), Some(3), "{history}");
}

#[test]
fn a_granted_role_serves_and_makes_nothing() {
    let (server, number) = (cresset_postgres_server::url(), std::process::id());
    let (owner, service) = (format!("own{number}"), format!("serve{number}"));
    let separator = if server.contains('?') { '&' } else { '?' };
    let base = format!("{server}{separator}schema=role{number}");
    let (owning, serving) = (format!("{base}&user={owner}"), format!("{base}&user={service}"));
    sql(
        &server,
        &format!(
            "CREATE ROLE {owner} LOGIN; CREATE ROLE {service} LOGIN; \
             DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO {owner}', current_database()); END $$"
        ),
    );
    let refused = told(&["serve", "--listen", "127.0.0.1:0", "--store", &serving], false);
    assert!(refused.contains("may not make"), "{refused}");
    assert!(refused.contains("`cresset config migrate --store URL --grant ROLE`"), "{refused}");
    told(&["config", "migrate", "--store", &serving], false);
    let made = told(&["config", "migrate", "--store", &owning, "--grant", &service], true);
    assert!(made.contains("the tables were made"), "{made}");
    assert!(made.contains(&format!("the role {service} may serve it")), "{made}");
    let again = told(&["config", "migrate", "--store", &owning, "--contract"], true);
    assert!(again.contains("nothing to do"), "{again}");

    let (front_end, mut client) = serve(&serving);
    is_served(&mut client);
    drop(front_end);
    told(&["verify", "--store", &serving], true);
    told(&["reindex", "--store", &serving], true);
    let elsewhere = serving.replace(&format!("schema=role{number}"), "schema=elsewhere");
    told(&["serve", "--listen", "127.0.0.1:0", "--store", &elsewhere], false);
    let granted = told(&["config", "migrate", "--store", &serving, "--grant", "nobody"], false);
    assert!(granted.contains("granting a role its rights"), "{granted}");

    sql(&server, &format!("DROP OWNED BY {service}; DROP OWNED BY {owner} CASCADE"));
    sql(&server, &format!("DROP ROLE {service}; DROP ROLE {owner}"));
}

use crate::answer::{Answer, Exchange, Request};
use crate::check::check;
use crate::file::{Case, ScenarioFile};
use crate::pointer;
use crate::report::{Failure, Report};
use crate::step::{Capture, Step};
use crate::uri::encode;
use crate::variables::{Variables, regex};
use serde_json::Value;

/// More pages than any scenario has: a `next` that never ends is a failure, not a hanging test.
const MOST_PAGES: usize = 100;

/// Runs the cases of a file against a server that holds nothing else: the resources of `setup`
/// first, then each case. `base` is what `${base}` stands for.
pub fn run(file: &ScenarioFile, base: &str, server: &mut impl Exchange) -> Report {
    let mut report = Report { cases: file.cases.len(), failures: Vec::new() };
    for resource in &file.setup {
        report.failures.extend(set_up(resource, server));
    }
    for case in &file.cases {
        let failure = run_case(case, base, server).err();
        report.failures.extend(failure.map(|failure| Failure {
            case: case.title.clone(),
            section: case.section.clone(),
            ..*failure
        }));
    }
    report
}

fn set_up(resource: &str, server: &mut impl Exchange) -> Option<Failure> {
    // A resource that stands as a text is sent as it is.
    let text: Result<String, _> = serde_json::from_str(resource);
    let resource = text.as_deref().unwrap_or(resource);
    let parsed: Value = serde_json::from_str(resource).unwrap_or(Value::Null);
    let part = |member: &str| parsed[member].as_str().unwrap_or_default();
    let request = Request {
        method: "PUT".to_owned(),
        url: encode(&format!("/{}/{}", part("resourceType"), part("id"))),
        headers: Vec::new(),
        body: resource.to_owned(),
    };
    let (problem, answer) = match server.exchange(&request) {
        Ok(answer) if matches!(answer.status, 200 | 201) => return None,
        Ok(answer) => ("expected the status 200 or 201".to_owned(), Some(answer)),
        Err(problem) => (problem, None),
    };
    Some(Failure {
        case: "setup".to_owned(),
        section: "–".to_owned(),
        request: Some(request),
        problems: vec![problem],
        answer,
    })
}

fn run_case(case: &Case, base: &str, server: &mut impl Exchange) -> Result<(), Box<Failure>> {
    let mut variables = Variables::default();
    variables.set("base", base);
    for json in &case.steps {
        let step = variables.fill(json).and_then(|json| Step::parse(&json));
        let step = step.map_err(|problem| failure(None, vec![problem], None))?;
        let request = request_of(&step);
        let pages = pages(&step, &request, server)
            .map_err(|problem| failure(Some(&request), vec![problem], None))?;
        let mut problems = check(&step, &pages);
        let answer = pages.into_iter().next();
        for (name, capture) in &step.capture {
            match answer.as_ref().and_then(|answer| take(capture, answer)) {
                Some(value) => variables.set(name, &value),
                None => problems.push(format!("nothing to capture as ${{{name}}}: {capture:?}")),
            }
        }
        if !problems.is_empty() {
            return Err(failure(Some(&request), problems, answer));
        }
    }
    Ok(())
}

fn failure(
    request: Option<&Request>,
    problems: Vec<String>,
    answer: Option<Answer>,
) -> Box<Failure> {
    let (case, section) = (String::new(), String::new());
    Box::new(Failure { case, section, request: request.cloned(), problems, answer })
}

fn request_of(step: &Step) -> Request {
    let (method, url) = step.request();
    let mut headers: Vec<_> = step.headers.clone().into_iter().collect();
    if step.form.is_some() {
        let form = "application/x-www-form-urlencoded".to_owned();
        headers.push(("content-type".to_owned(), form));
    }
    let body = match &step.form {
        Some(form) => encode(form),
        None => step.body(),
    };
    Request { method: method.to_owned(), url: encode(url), headers, body }
}

/// The answer, and the pages that follow it when the step asks for `pages`.
fn pages(step: &Step, first: &Request, server: &mut impl Exchange) -> Result<Vec<Answer>, String> {
    let mut pages = vec![server.exchange(first)?];
    while step.pages.is_some() && pages.len() <= MOST_PAGES {
        let Some(next) = pages.last().and_then(|page| page.link("next")) else {
            break;
        };
        let headers = first.headers.clone();
        let request = Request {
            method: "GET".to_owned(),
            url: next.to_owned(),
            headers,
            body: String::new(),
        };
        let page = server.exchange(&request)?;
        if page.status != 200 {
            return Err(format!("{next} answers {}: {}", page.status, page.body));
        }
        pages.push(page);
    }
    Ok(pages)
}

fn take(capture: &Capture, answer: &Answer) -> Option<String> {
    let Capture { header, json, link, pattern } = capture;
    let header = header.as_ref().and_then(|name| answer.header(&name.to_ascii_lowercase()));
    let link = link.as_ref().and_then(|relation| answer.link(relation));
    let json = json.as_ref().and_then(|at| match pointer::at(&answer.json, at).first()? {
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    });
    let value = header.or(link).map(str::to_owned).or(json)?;
    match pattern {
        None => Some(value),
        Some(pattern) => {
            let regex = regex(&format!("/{pattern}/"))?.ok()?;
            Some(regex.captures(&value)?.get(1)?.as_str().to_owned())
        }
    }
}

#[cfg(test)]
mod tests;

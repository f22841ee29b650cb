//! A report comes back as it was written, and a broken one is refused by file and field.

mod support;

use serde_json::{Value, json};
use std::{fs, path::Path};
use support::{SHORT, Simulated};
use versus::{Cases, Report, measure};

fn report() -> Report {
    let machine = Simulated::telling();
    let mut cases = Cases::new();
    let case = cases
        .case("pairs")
        .item("pair")
        .point("scaling", "workers", 2.0)
        .baseline("ours")
        .ours("ours", "ours", |items| machine.items(items, 100.0))
        .peer("theirs", "theirs", |items| machine.items(items, 80.0))
        .peer("broken", "broken", |_| Err::<u64, _>("no such program"));
    let mut report = Report::new("semaphore", SHORT);
    report.circumstances.insert("rustc".to_owned(), "1.95.0".to_owned());
    report.cases.push(measure(case, &SHORT, &machine, &mut |_| {}).unwrap());
    report
}

/// What is said of the report's text after `change`, the file's name cut off.
fn refused(change: impl FnOnce(&mut String)) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    report().write(file.path()).unwrap();
    let mut text = fs::read_to_string(file.path()).unwrap();
    change(&mut text);
    fs::write(file.path(), text).unwrap();
    let said = format!("{:#}", Report::read(file.path()).unwrap_err());
    let name = format!("cannot read report `{}`: ", file.path().display());
    said.strip_prefix(&name).unwrap_or_else(|| panic!("no file is named: {said}")).to_owned()
}

/// The same after setting the field at a JSON pointer.
fn refused_with(field: &str, value: Value) -> String {
    refused(|text| {
        let mut json: Value = serde_json::from_str(text).unwrap();
        *json.pointer_mut(field).unwrap() = value;
        *text = json.to_string();
    })
}

#[test]
fn what_is_written_is_read_back() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let report = report();
    report.write(file.path()).unwrap();
    let back = Report::read(file.path()).unwrap();
    assert_eq!(back, report);
    assert_eq!(back.cases[0].to_string(), report.cases[0].to_string());
}

#[test]
fn circumstances_stand_in_the_report() {
    let report = report();
    assert_eq!((report.name.as_str(), report.settings), ("semaphore", SHORT));
    assert_eq!(report.circumstances["rustc"], "1.95.0");
    assert_eq!(report.profile, if cfg!(debug_assertions) { "debug" } else { "release" });
    assert!(report.machine.cores >= 1 && !report.machine.cpu.is_empty());
    assert!(report.date.len() == 20 && report.date.ends_with('Z'), "{}", report.date);
}

#[test]
fn failures_name_case_and_variant_once() {
    let (mut report, machine, mut cases) = (report(), Simulated::default(), Cases::new());
    let case = cases
        .case("alone")
        .baseline("broken too")
        .ours("broken too", "broken too", |_| Err::<u64, _>("no such file"));
    report.cases.push(measure(case, &SHORT, &machine, &mut |_| {}).unwrap());
    let said = |(case, variant, why)| format!("{case}, {variant}: {why}");
    assert_eq!(
        report.failures().map(said).collect::<Vec<_>>(),
        ["pairs, broken: failed: no such program", "alone, broken too: failed: no such file",]
    );
}

#[test]
fn a_file_that_is_not_there() {
    let said = format!("{:#}", Report::read(Path::new("no/such/file.json")).unwrap_err());
    assert!(said.starts_with("cannot read report `no/such/file.json`: No such file"), "{said}");
}

#[test]
fn a_file_cut_short() {
    let said = refused(|text| text.truncate(text.len() / 2));
    assert!(said.contains("EOF while parsing") && said.starts_with("field `cases[0]."), "{said}");
    let said = refused(String::clear);
    assert!(said.starts_with("EOF while parsing a value"), "{said}");
    let said = refused(|text| text.truncate(1));
    assert!(said.starts_with("EOF while parsing an object"), "{said}");
}

#[test]
fn a_file_with_something_after_its_end() {
    let said = refused(|text| text.push('}'));
    assert!(said.starts_with("trailing characters"), "{said}");
}

#[test]
fn a_file_is_replaced_as_a_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.json");
    report().write(&file).unwrap();
    let before = fs::read(&file).unwrap();
    // What is written first stands in the way of itself.
    fs::create_dir(folder.path().join("report.json.new")).unwrap();
    assert!(Report::new("semaphore", SHORT).write(&file).is_err());
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn a_missing_field() {
    let said = refused(|text| *text = text.replace(r#""seed":1,"#, ""));
    assert!(said.starts_with("field `settings`: missing field `seed`"), "{said}");
}

#[test]
fn an_unknown_field() {
    let said = refused(|text| *text = text.replace(r#""order":"#, r#""orders":"#));
    assert!(
        said.starts_with("field `cases[0].rounds[0].orders`: unknown field `orders`"),
        "{said}"
    );
}

#[test]
fn a_field_of_the_wrong_type() {
    let said = refused_with("/cases/0/variants/0/samples/wall_ns/3", json!("fast"));
    let due = "field `cases[0].variants[0].samples.wall_ns[3]`: invalid type: string \"fast\", expected u64";
    assert!(said.starts_with(due), "{said}");
}

#[test]
fn a_format_of_another_time() {
    let said = refused_with("/format", json!(9));
    assert_eq!(said, "field `format`: 9, but this program reads 3");
}

#[test]
fn samples_that_are_not_one_a_round() {
    let said = refused_with("/cases/0/again/cpu_ns", json!([1, 2]));
    assert_eq!(said, "field `cases[0].again.cpu_ns`: 2 samples, but 6 are due");
}

#[test]
fn samples_of_a_variant_that_failed() {
    let said = refused_with("/cases/0/variants/1/samples/wall_ns", json!([1]));
    assert_eq!(said, "field `cases[0].variants[1].samples.wall_ns`: 1 samples, but 0 are due");
}

#[test]
fn a_run_that_takes_no_time_or_does_no_item() {
    let said = refused_with("/cases/0/variants/0/samples/wall_ns/0", json!(0));
    assert_eq!(said, "field `cases[0].variants[0].samples.wall_ns`: no run takes no time");
    let said = refused_with("/cases/0/variants/0/items", json!(0));
    assert_eq!(said, "field `cases[0].variants[0].items`: no item was measured");
}

#[test]
fn an_order_of_entries_that_are_not_there() {
    let said = refused_with("/cases/0/rounds/4/order/0", json!(4));
    assert_eq!(said, "field `cases[0].rounds[4].order`: there is no entry 4");
}

#[test]
fn a_case_without_its_baseline() {
    let said = refused(|text| *text = text.replace(r#""baseline":"#, r#""base":"#));
    assert!(said.starts_with("field `cases[0].base`: unknown field `base`"), "{said}");
}

#[test]
fn an_id_that_two_entries_have() {
    let said = refused_with("/cases/0/variants/1/id", json!("ours"));
    assert_eq!(said, "field `cases[0].variants[1].id`: a second `ours`");
}

//! `sensor thresh`: Set Sensor Thresholds (IPMI 2.0 s35.8).

use ipmi_core::Error;
use ipmi_core::command::sensor::{SensorNumber, SetSensorThresholds};
use ipmi_core::sdr::{FullSensorView, SensorRecord};
use ipmi_core::sensor::{Threshold, Thresholds};

use crate::command::CommandRow;
use crate::command::sdr::find;
use crate::output::json::Done;
use crate::output::number::fixed;
use crate::row::sensor::{name, thresholds};
use crate::{Failure, Printer, Session, complain, line};

/// `sensor thresh`.
pub const COMMAND: CommandRow = CommandRow {
    group: "sensor",
    name: "thresh",
    words: "NAME unr|ucr|unc|lnc|lcr|lnr VALUE | NAME lower LNR LCR LNC | NAME upper UNC UCR UNR",
    about: "Set thresholds of a sensor",
    run,
};

const USAGE: &[&str] = &[
    "sensor thresh <id> <threshold> <setting>",
    "   id        : name of the sensor for which threshold is to be set",
    "   threshold : which threshold to set",
    "                 unr = upper non-recoverable",
    "                 ucr = upper critical",
    "                 unc = upper non-critical",
    "                 lnc = lower non-critical",
    "                 lcr = lower critical",
    "                 lnr = lower non-recoverable",
    "   setting   : the value to set the threshold to",
    "",
    "sensor thresh <id> lower <lnr> <lcr> <lnc>",
    "   Set all lower thresholds at the same time",
    "",
    "sensor thresh <id> upper <unc> <ucr> <unr>",
    "   Set all upper thresholds at the same time",
    "",
];

const UPPER: [Threshold; 3] = [Threshold::UpperNonCritical, Threshold::UpperCritical, Threshold::UpperNonRecoverable];
const LOWER: [Threshold; 3] = [Threshold::LowerNonRecoverable, Threshold::LowerCritical, Threshold::LowerNonCritical];

fn run(session: &Session, printer: &mut Printer<'_>, words: &[String]) -> Result<(), Failure> {
    let [id, which, values @ ..] = words else { return print_usage(printer) };
    if values.is_empty() || id == "help" {
        return print_usage(printer);
    }
    let settings = settings(id, which, values)?;
    line!(printer, "Locating sensor record '{id}'...")?;
    let (records, _) = session.repository()?.parse();
    let Some(record) = find(&records, id) else { return Err(Failure::new("Sensor data record not found!")) };
    let Some(SensorRecord::Full(view)) = record.sensor() else {
        let code = record.header().record_type;
        return Err(Failure::Message(format!("Invalid sensor type {code:02x}")));
    };
    let sensor = SensorRecord::Full(view);
    if !sensor.is_threshold() {
        return Err(Failure::Message(format!("Invalid sensor event type {:02x}", sensor.event_reading_type().0)));
    }
    if let [(threshold, value)] = settings.as_slice() {
        check(session, &sensor, &view, *threshold, *value)?;
    }
    let mut last = Ok(());
    for (threshold, value) in settings {
        let (id, text) = (name(&sensor), fixed(value, 3));
        line!(printer, "Setting sensor \"{id}\" {} threshold to {text}", threshold.name())?;
        last = set(session, &sensor, &view, threshold, value);
        if let Err(Failure::Message(message)) = &last {
            complain!(printer, "{message}")?;
        }
    }
    last.map_err(|_| Failure::Said)?;
    printer.object(&Done { done: "thresh" })?;
    Ok(())
}

fn print_usage(printer: &mut Printer<'_>) -> Result<(), Failure> {
    USAGE.iter().try_for_each(|text| complain!(printer, "{text}"))
}

/// What is to be set, in the order it is sent.
fn settings(id: &str, which: &str, values: &[String]) -> Result<Vec<(Threshold, f64)>, Failure> {
    let number = |text: &String, name: &str| {
        text.parse::<f64>().map_err(|_| Failure::Message(format!("Given {name} '{text}' is invalid.")))
    };
    let all = match which {
        "upper" => Some((UPPER, "usage: sensor thresh <id> upper <unc> <ucr> <unr>")),
        "lower" => Some((LOWER, "usage: sensor thresh <id> lower <lnr> <lcr> <lnc>")),
        _ => None,
    };
    if let Some((thresholds, usage)) = all {
        let [first, second, third, ..] = values else { return Err(Failure::new(usage)) };
        let pairs = thresholds.into_iter().zip([first, second, third]);
        return pairs
            .map(|(threshold, text)| Ok((threshold, number(text, threshold.abbreviation())?)))
            .collect::<Result<_, _>>();
    }
    let Some(threshold) = Threshold::ALL.into_iter().find(|threshold| threshold.abbreviation() == which) else {
        return Err(Failure::Message(format!("Valid threshold '{which}' for sensor '{id}' not specified!")));
    };
    let text = values.first().ok_or(Failure::Said)?;
    Ok(vec![(threshold, number(text, &format!("{which} threshold value"))?)])
}

/// Refuses a value that would put the thresholds out of order. Like ipmitool, with negative thresholds read as 0.
fn check(
    session: &Session,
    sensor: &SensorRecord<'_>,
    view: &FullSensorView<'_>,
    threshold: Threshold,
    value: f64,
) -> Result<(), Failure> {
    let Some(current) = thresholds(session, sensor)? else {
        return Err(Failure::new("Sensor data record not found!"));
    };
    let factors = view.reading_factors();
    let known = |which: Threshold| Some(factors.convert(current.raw(which)?)?.max(0.0));
    if current.raw(threshold).is_none() {
        return Ok(());
    }
    let above = |others: &[Threshold]| others.iter().any(|other| known(*other).is_some_and(|limit| value <= limit));
    let below = |others: &[Threshold]| others.iter().any(|other| known(*other).is_some_and(|limit| value >= limit));
    use Threshold::{
        LowerCritical, LowerNonCritical, LowerNonRecoverable, UpperCritical, UpperNonCritical, UpperNonRecoverable,
    };
    let wrong = match threshold {
        UpperNonRecoverable => above(&[UpperCritical, UpperNonCritical]),
        UpperCritical => below(&[UpperNonRecoverable]) || above(&[UpperNonCritical]),
        UpperNonCritical => below(&[UpperNonRecoverable, UpperCritical]) || above(&[LowerNonCritical]),
        LowerNonCritical => above(&[LowerCritical, LowerNonRecoverable]) || below(&[UpperNonCritical]),
        LowerCritical => below(&[LowerNonCritical]) || above(&[LowerNonRecoverable]),
        LowerNonRecoverable => below(&[LowerNonCritical, LowerCritical]),
    };
    if wrong { Err(Failure::new("Invalid Threshold data values. Cannot Set Threshold Data.")) } else { Ok(()) }
}

fn set(
    session: &Session,
    sensor: &SensorRecord<'_>,
    view: &FullSensorView<'_>,
    threshold: Threshold,
    value: f64,
) -> Result<(), Failure> {
    let raw = view.reading_factors().nearest_raw(value).unwrap_or_default();
    let mut thresholds = Thresholds::default();
    thresholds.set(threshold, raw);
    let key = sensor.key();
    let command = SetSensorThresholds { sensor: SensorNumber(key.number), lun: key.lun, thresholds };
    session.bmc()?.call_to(key.target(), &command).map_err(|error| match error {
        Error::Completion { code, .. } => Failure::Message(format!("Error setting threshold: {code}")),
        other => session.refusal(&other),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(result: Result<Vec<(Threshold, f64)>, Failure>) -> String {
        match result {
            Err(Failure::Message(message)) => message,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn words_become_settings() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(settings("x", "ucr", &words("91")).unwrap(), [(Threshold::UpperCritical, 91.0)]);
        let upper = settings("x", "upper", &words("1 2 3")).unwrap();
        assert_eq!(upper.first(), Some(&(Threshold::UpperNonCritical, 1.0)));
        let message_of = |which, values| message(settings("x", which, &words(values)));
        assert_eq!(message_of("foo", "1"), "Valid threshold 'foo' for sensor 'x' not specified!");
        assert_eq!(message_of("lcr", "abc"), "Given lcr threshold value 'abc' is invalid.");
        assert_eq!(message_of("upper", "1 2"), "usage: sensor thresh <id> upper <unc> <ucr> <unr>");
    }
}

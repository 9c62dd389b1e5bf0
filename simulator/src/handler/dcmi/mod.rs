//! DCMI commands (group extension DCh, DCMI 1.5 s6): one file per group of commands.

mod capability;
mod configuration;
mod identity;
mod power;
mod temperature;

use ipmi_core::CompletionCode;

use super::{Answer, Call, Row};

/// Code of the defining body.
pub(super) const BODY: u8 = 0xDC;

pub(super) const ROWS: &[&[Row]] =
    &[capability::ROWS, power::ROWS, identity::ROWS, temperature::ROWS, configuration::ROWS];

/// DCMI version 1.5, major then minor.
const VERSION: [u8; 2] = [1, 5];
/// Most bytes of a string read or written at once.
const PIECE: usize = 16;

/// Parameter not supported, or no active power limit.
const NOT_SUPPORTED: CompletionCode = CompletionCode(0x80);
/// Power or thermal limit out of range.
const LIMIT_OUT_OF_RANGE: CompletionCode = CompletionCode(0x84);
/// Correction time out of range.
const TIME_OUT_OF_RANGE: CompletionCode = CompletionCode(0x85);
/// Sampling period out of range.
const PERIOD_OUT_OF_RANGE: CompletionCode = CompletionCode(0x89);

/// A piece of a string: its whole length, then the bytes that the request's offset and count ask for.
fn piece(call: &Call<'_>, text: &[u8], limit: usize) -> Answer {
    let (offset, count) = (usize::from(call.byte(0)), usize::from(call.byte(1)));
    if count > PIECE || offset + count > limit {
        return Err(CompletionCode::PARAMETER_OUT_OF_RANGE);
    }
    let mut answer = vec![u8::try_from(text.len()).unwrap_or(u8::MAX)];
    answer.extend(text.iter().skip(offset).take(count));
    Ok(answer)
}

/// Writes a piece of a string: the string then ends with the piece.
fn write_piece(call: &Call<'_>, text: &mut Vec<u8>, limit: usize) -> Result<u8, CompletionCode> {
    let (offset, count, bytes) = (usize::from(call.byte(0)), usize::from(call.byte(1)), call.rest(2));
    if bytes.len() != count {
        return Err(CompletionCode::REQUEST_LENGTH_INVALID);
    }
    if count > PIECE || offset > text.len() || offset + count > limit {
        return Err(CompletionCode::PARAMETER_OUT_OF_RANGE);
    }
    text.truncate(offset);
    text.extend_from_slice(bytes);
    Ok(u8::try_from(text.len()).unwrap_or(u8::MAX))
}

#[cfg(test)]
pub(super) mod testing {
    use super::super::testing::bmc;
    use crate::bmc::Bmc;

    /// A full record of a linear sensor of the BMC.
    fn record(number: u8, entity: (u8, u8), sensor_type: u8, unit: u8, m: u8) -> Vec<u8> {
        let mut record = vec![0, 0, 0x51, 0x01, 43, 0x20, 0, number, entity.0, entity.1];
        record.resize(48, 0);
        (record[12], record[13], record[21], record[24]) = (sensor_type, 0x01, unit, m);
        record
    }

    /// Temperatures of inlet (sensor 1, 40 degrees) and two processors, system power (sensor 9, 400 W).
    pub(in super::super) fn server() -> Bmc {
        let mut bmc = bmc();
        bmc.dcmi.enabled = true;
        for (number, entity, sensor_type, unit, m, reading) in [
            (1, (0x37, 1), 1, 1, 1, 40),
            (3, (0x03, 1), 1, 1, 1, 50),
            (4, (0x03, 2), 1, 1, 1, 60),
            (9, (0x13, 1), 0x0B, 6, 4, 100),
        ] {
            let record = record(number, entity, sensor_type, unit, m);
            bmc.main.sdr.add(&record).unwrap();
            let mut sensor = crate::sensor::Sensor::from_record(&record).unwrap();
            sensor.reading = reading;
            bmc.main.add_sensor(sensor);
        }
        bmc
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{ask, bmc, refuse};

    #[test]
    fn a_bmc_without_dcmi_and_unknown_bodies_refuse() {
        let mut bmc = bmc();
        assert_eq!(refuse(&mut bmc, 0x2C, 0x01, &[0xDC, 1]), 0xC1);
        bmc.dcmi.enabled = true;
        assert_eq!(ask(&mut bmc, 0x2C, 0x01, &[0xDC, 1])[0], 0xDC);
        assert_eq!(refuse(&mut bmc, 0x2C, 0x01, &[0x52, 1]), 0xC1);
        assert_eq!(refuse(&mut bmc, 0x2C, 0x01, &[]), 0xC7);
        assert_eq!(refuse(&mut bmc, 0x2C, 0x01, &[0xDC]), 0xC7);
        assert_eq!(refuse(&mut bmc, 0x2C, 0x7F, &[0xDC]), 0xC1);
    }
}

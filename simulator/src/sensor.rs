//! A sensor: its reading, states, thresholds with hysteresis, and which changes become events (IPMI 2.0 s35).

/// Bits of the threshold state and threshold mask bytes, in their order (table 35-14).
pub const THRESHOLDS: usize = 6;
/// Event offset "going low" or "going high" of each threshold state bit (table 42-2).
const EVENT_OFFSETS: [u8; THRESHOLDS] = [0, 2, 4, 7, 9, 11];
/// Event/reading type of threshold sensors.
pub const THRESHOLD_TYPE: u8 = 0x01;

/// Who may read or change the thresholds or hysteresis of a sensor (SDR byte 12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Access {
    /// 0: the sensor has none.
    #[default]
    None,
    /// 1: can be read.
    Readable,
    /// 2: can be read and set.
    Settable,
    /// 3: fixed, cannot be read.
    Fixed,
}

impl Access {
    /// The two-bit code of an SDR.
    pub const fn from_code(code: u8) -> Self {
        match code & 3 {
            0 => Self::None,
            1 => Self::Readable,
            2 => Self::Settable,
            _ => Self::Fixed,
        }
    }
}

/// How raw readings compare (SDR byte 21, bits 7:6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AnalogFormat {
    /// 0-255.
    #[default]
    Unsigned,
    /// One's complement.
    OnesComplement,
    /// Two's complement.
    TwosComplement,
}

impl AnalogFormat {
    /// The number a raw byte stands for.
    pub fn value(self, raw: u8) -> i16 {
        let signed = i16::from(i8::from_ne_bytes([raw]));
        match self {
            Self::Unsigned => i16::from(raw),
            Self::OnesComplement if raw & 0x80 != 0 => signed + 1,
            Self::OnesComplement | Self::TwosComplement => signed,
        }
    }
}

/// A change of a sensor that may become an event message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SensorEvent {
    /// Logical unit of the sensor.
    pub lun: u8,
    /// Sensor number.
    pub number: u8,
    /// Sensor type code.
    pub sensor_type: u8,
    /// Event/reading type code.
    pub event_type: u8,
    /// False for an assertion, true for a deassertion.
    pub deassertion: bool,
    /// Event data 1-3.
    pub data: [u8; 3],
}

/// One sensor of a controller.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sensor {
    /// Logical unit.
    pub lun: u8,
    /// Sensor number.
    pub number: u8,
    /// Sensor type code (table 42-3).
    pub sensor_type: u8,
    /// Event/reading type code (table 42-1).
    pub event_type: u8,
    /// Only sends events; Get Sensor Reading has nothing to say.
    pub event_only: bool,
    /// Raw reading.
    pub reading: u8,
    /// Threshold comparison (bits 0-5) or discrete states (bits 0-14).
    pub states: u16,
    /// The reading or states can be had now.
    pub available: bool,
    /// Event messages from this sensor are on.
    pub events_enabled: bool,
    /// The sensor is being scanned.
    pub scanning_enabled: bool,
    /// Raw comparison of readings with thresholds.
    pub format: AnalogFormat,
    /// lnc, lcr, lnr, unc, ucr, unr.
    pub thresholds: [u8; THRESHOLDS],
    /// Who may read or set thresholds.
    pub threshold_access: Access,
    /// Thresholds the sensor has.
    pub threshold_mask: u8,
    /// Thresholds that can be set.
    pub settable_mask: u8,
    /// Positive-going hysteresis, raw.
    pub positive_hysteresis: u8,
    /// Negative-going hysteresis, raw.
    pub negative_hysteresis: u8,
    /// Who may read or set hysteresis.
    pub hysteresis_access: Access,
    /// Event message control (SDR byte 12, bits 1:0).
    pub event_control: u8,
    /// Assertion events the sensor can send.
    pub assert_supported: u16,
    /// Deassertion events the sensor can send.
    pub deassert_supported: u16,
    /// Assertion events it sends now.
    pub assert_enabled: u16,
    /// Deassertion events it sends now.
    pub deassert_enabled: u16,
    /// Assertion events since the last rearm.
    pub asserted: u16,
    /// Deassertion events since the last rearm.
    pub deasserted: u16,
    /// Rearms itself when the condition is gone.
    pub auto_rearm: bool,
    /// Set Sensor Reading works (SDR byte 11, bit 7).
    pub settable: bool,
    /// Thresholds, hysteresis or event enables were changed by a command: goes into a saved state.
    pub changed: bool,
    /// Set by Set Sensor Reading: the model leaves it alone.
    pub pinned: bool,
    /// Bytes 24-29 of the SDR, for Get Sensor Reading Factors.
    pub factors: Option<[u8; 6]>,
}

impl Sensor {
    /// A sensor as `sensor_add` of an emulator file makes it: everything off, no thresholds.
    pub fn new(lun: u8, number: u8, sensor_type: u8, event_type: u8) -> Self {
        Self { lun, number, sensor_type, event_type, available: true, auto_rearm: true, ..Self::default() }
    }

    /// A sensor in the initial state its full, compact or event-only record asks for; `None` for other records.
    pub fn from_record(record: &[u8]) -> Option<Self> {
        let at = |offset: usize| record.get(offset).copied().unwrap_or(0);
        let word = |offset: usize| u16::from_le_bytes([at(offset), at(offset + 1)]);
        let record_type = at(3);
        let (type_at, event_only) = match record_type {
            0x01 | 0x02 => (12, false),
            0x03 => (10, true),
            _ => return None,
        };
        let mut sensor = Self::new(at(6) & 3, at(7), at(type_at), at(type_at + 1) & 0x7F);
        sensor.event_only = event_only;
        sensor.events_enabled = true;
        sensor.scanning_enabled = true;
        if event_only {
            return Some(sensor);
        }
        let (initialization, capabilities) = (at(10), at(11));
        sensor.events_enabled = initialization & 0x02 != 0;
        sensor.scanning_enabled = initialization & 0x01 != 0;
        sensor.settable = initialization & 0x80 != 0;
        sensor.auto_rearm = capabilities & 0x40 != 0;
        sensor.hysteresis_access = Access::from_code(capabilities >> 4);
        sensor.threshold_access = Access::from_code(capabilities >> 2);
        sensor.event_control = capabilities & 3;
        let bits = if sensor.event_type == THRESHOLD_TYPE { 0x0FFF } else { 0x7FFF };
        sensor.assert_supported = word(14) & bits;
        sensor.deassert_supported = word(16) & bits;
        if initialization & 0x20 != 0 {
            sensor.assert_enabled = sensor.assert_supported;
            sensor.deassert_enabled = sensor.deassert_supported;
        }
        if record_type == 0x01 {
            sensor.format = match at(20) >> 6 {
                1 => AnalogFormat::OnesComplement,
                2 => AnalogFormat::TwosComplement,
                _ => AnalogFormat::Unsigned,
            };
            sensor.threshold_mask = at(18) & 0x3F;
            sensor.settable_mask = at(19) & 0x3F;
            sensor.thresholds = [at(41), at(40), at(39), at(38), at(37), at(36)];
            (sensor.positive_hysteresis, sensor.negative_hysteresis) = (at(42), at(43));
            sensor.factors = record.get(24..30).and_then(|factors| factors.first_chunk()).copied();
        } else {
            (sensor.positive_hysteresis, sensor.negative_hysteresis) = (at(25), at(26));
        }
        Some(sensor)
    }

    /// True for threshold sensors.
    pub fn is_threshold(&self) -> bool {
        self.event_type == THRESHOLD_TYPE
    }

    /// Takes a new raw reading, compares it with the thresholds and returns the events of the states that changed.
    pub fn set_reading(&mut self, raw: u8) -> Vec<SensorEvent> {
        self.reading = raw;
        self.compare()
    }

    /// Compares the present reading with the thresholds, as after a threshold was changed.
    pub fn compare(&mut self) -> Vec<SensorEvent> {
        if !self.is_threshold() {
            return Vec::new();
        }
        let states = self.compared();
        self.change(states, None)
    }

    fn compared(&self) -> u16 {
        let value = self.format.value(self.reading);
        let mut states = 0;
        for (bit, threshold) in self.thresholds.iter().enumerate() {
            let mask = 1_u16 << bit;
            if u16::from(self.threshold_mask) & mask == 0 {
                continue;
            }
            let threshold = self.format.value(*threshold);
            // A condition ends only when the reading is back by more than the hysteresis (s35.1).
            let held = self.states & mask != 0;
            let reached = if bit < 3 {
                let slack = if held { hysteresis(self.negative_hysteresis) } else { 0 };
                value <= threshold + slack
            } else {
                let slack = if held { hysteresis(self.positive_hysteresis) } else { 0 };
                value >= threshold - slack
            };
            if reached {
                states |= mask;
            }
        }
        states
    }

    /// Sets the discrete states and returns the events of those that changed. `data` is event data 2 and 3.
    pub fn set_states(&mut self, states: u16, data: Option<[u8; 2]>) -> Vec<SensorEvent> {
        let mask = if self.is_threshold() { 0x3F } else { 0x7FFF };
        self.change(states & mask, data)
    }

    /// Sets the state bits as they are, threshold sensor or not, and returns an event for each that changed, its
    /// offset being the bit. `sensor_set_bit` of an emulator file does this.
    pub fn set_bits(&mut self, states: u16) -> Vec<SensorEvent> {
        let changed = self.states ^ states;
        self.states = states;
        let mut events = Vec::new();
        for bit in (0..15_u8).filter(|bit| changed >> bit & 1 == 1) {
            let deassertion = states >> bit & 1 == 0;
            let enabled = if deassertion { self.deassert_enabled } else { self.assert_enabled };
            if self.events_enabled && enabled >> bit & 1 == 1 {
                events.push(self.event(deassertion, [bit, 0xFF, 0xFF]));
            }
        }
        events
    }

    fn event(&self, deassertion: bool, data: [u8; 3]) -> SensorEvent {
        SensorEvent {
            lun: self.lun,
            number: self.number,
            sensor_type: self.sensor_type,
            event_type: self.event_type,
            deassertion,
            data,
        }
    }

    fn change(&mut self, states: u16, data: Option<[u8; 2]>) -> Vec<SensorEvent> {
        let changed = self.states ^ states;
        self.states = states;
        if !self.scanning_enabled {
            return Vec::new();
        }
        (0..15)
            .filter(|bit| changed >> bit & 1 == 1)
            .filter_map(|bit| self.event_of(bit, states >> bit & 1 == 0, data))
            .collect()
    }

    fn event_of(&mut self, bit: u8, deassertion: bool, data: Option<[u8; 2]>) -> Option<SensorEvent> {
        let (offset, data) = if self.is_threshold() {
            let index = usize::from(bit);
            let (offset, threshold) = (*EVENT_OFFSETS.get(index)?, *self.thresholds.get(index)?);
            (offset, [0x50 | offset, self.reading, threshold])
        } else {
            match data {
                Some([data2, data3]) => (bit, [0xA0 | bit, data2, data3]),
                None => (bit, [bit, 0xFF, 0xFF]),
            }
        };
        let mask = 1_u16 << offset;
        let (enabled, latch, other) = if deassertion {
            (self.deassert_enabled, &mut self.deasserted, &mut self.asserted)
        } else {
            (self.assert_enabled, &mut self.asserted, &mut self.deasserted)
        };
        *latch |= mask;
        if self.auto_rearm {
            *other &= !mask;
        }
        if !self.events_enabled || enabled & mask == 0 {
            return None;
        }
        Some(self.event(deassertion, data))
    }

    /// Forgets the events selected, so that conditions still there are reported again (s35.10).
    pub fn rearm(&mut self, asserted: u16, deasserted: u16) -> Vec<SensorEvent> {
        self.asserted &= !asserted;
        self.deasserted &= !deasserted;
        let held = self.states;
        let mut rearmed = 0;
        for bit in 0..15_u8 {
            let offset = if self.is_threshold() { EVENT_OFFSETS.get(usize::from(bit)).copied() } else { Some(bit) };
            if offset.is_some_and(|offset| asserted >> offset & 1 == 1) {
                rearmed |= 1 << bit;
            }
        }
        self.states &= !rearmed;
        if self.is_threshold() { self.compare() } else { self.change(held, None) }
    }
}

/// A hysteresis byte: 00h and FFh mean none (s43.1).
fn hysteresis(raw: u8) -> i16 {
    if raw == 0xFF { 0 } else { i16::from(raw) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn temperature() -> Sensor {
        Sensor {
            scanning_enabled: true,
            events_enabled: true,
            threshold_mask: 0x1B,
            thresholds: [10, 5, 0, 80, 90, 0],
            positive_hysteresis: 2,
            negative_hysteresis: 2,
            assert_enabled: 0x0FFF,
            deassert_enabled: 0x0FFF,
            ..Sensor::new(0, 1, 1, THRESHOLD_TYPE)
        }
    }

    fn offsets(events: &[SensorEvent]) -> Vec<(u8, bool)> {
        events.iter().map(|event| (event.data[0] & 0xF, event.deassertion)).collect()
    }

    #[test]
    fn crossing_up_asserts_and_hysteresis_delays_the_deassertion() {
        let mut sensor = temperature();
        assert!(sensor.set_reading(79).is_empty());
        let events = sensor.set_reading(80);
        assert_eq!(offsets(&events), [(7, false)]);
        assert_eq!(events[0].data, [0x57, 80, 80]);
        assert!(sensor.set_reading(79).is_empty());
        assert!(sensor.set_reading(78).is_empty());
        assert_eq!(offsets(&sensor.set_reading(77)), [(7, true)]);
    }

    #[test]
    fn a_jump_over_two_thresholds_gives_two_events() {
        let mut sensor = temperature();
        sensor.set_reading(50);
        assert_eq!(offsets(&sensor.set_reading(95)), [(7, false), (9, false)]);
        assert_eq!(sensor.states, 0x18);
        assert_eq!(offsets(&sensor.set_reading(3)), [(0, false), (2, false), (7, true), (9, true)]);
    }

    #[test]
    fn thresholds_compare_as_the_analog_format_says() {
        let mut sensor = temperature();
        sensor.format = AnalogFormat::TwosComplement;
        assert_eq!(offsets(&sensor.set_reading(0xF0)), [(0, false), (2, false)]);
        assert_eq!(AnalogFormat::OnesComplement.value(0xF0), -15);
    }

    #[test]
    fn disabled_events_change_the_state_only() {
        let mut sensor = temperature();
        sensor.assert_enabled = 0;
        assert!(sensor.set_reading(95).is_empty());
        assert_eq!((sensor.states, sensor.asserted), (0x18, 0x0280));
    }

    #[test]
    fn discrete_states_report_their_offset() {
        let mut sensor = Sensor { assert_enabled: 0x7FFF, ..temperature() };
        sensor.event_type = 0x6F;
        let events = sensor.set_states(0x8006, None);
        assert_eq!(sensor.states, 6);
        assert_eq!(events.iter().map(|event| event.data).collect::<Vec<_>>(), [[1, 0xFF, 0xFF], [2, 0xFF, 0xFF]]);
        assert_eq!(sensor.set_states(4, Some([3, 4]))[0].data, [0xA1, 3, 4]);
    }

    #[test]
    fn rearming_reports_a_condition_that_is_still_there() {
        let mut sensor = temperature();
        sensor.set_reading(85);
        assert_eq!(offsets(&sensor.rearm(0x7FFF, 0x7FFF)), [(7, false)]);
        assert_eq!(sensor.states, 0x08);
    }
}

//! A small BMC for the handler tests: one temperature, one discrete sensor, a satellite at 2Ch.

use std::time::Duration;

use ipmi_core::{NetFn, Request};

use crate::bmc::Bmc;
use crate::controller::{Controller, Identity};
use crate::sensor::{Access, Sensor};
use crate::store::fru::FruDevice;
use crate::store::sdr::{SUPPORT_DELETE, SUPPORT_NON_MODAL, SUPPORT_PARTIAL_ADD, SUPPORT_RESERVE};
use crate::store::sel::Sel;

pub(crate) const NOW: Duration = Duration::from_secs(1_700_000_000);

fn identity(support: u8) -> Identity {
    Identity {
        device_id: 0x20,
        device_sdrs: false,
        device_revision: 1,
        firmware_major: 1,
        firmware_minor: 0,
        ipmi_version: 2,
        support,
        manufacturer: 1,
        product: 1,
        auxiliary_firmware: None,
    }
}

pub(crate) fn bmc() -> Bmc {
    let mut main = Controller::new(0x20, identity(0xBF));
    main.sel = Some(Sel::new(8, 0x0F));
    main.sdr.support = SUPPORT_RESERVE | SUPPORT_DELETE | SUPPORT_PARTIAL_ADD | SUPPORT_NON_MODAL;
    for tag in 0..2 {
        let mut record = vec![0, 0, 0x51, 0xC0, 30, tag];
        record.resize(35, tag);
        main.sdr.add(&record).unwrap();
    }
    main.frus.insert(0, FruDevice::new(64, &[]));
    main.add_sensor(Sensor {
        events_enabled: true,
        scanning_enabled: true,
        reading: 40,
        thresholds: [10, 5, 0, 80, 90, 0],
        threshold_mask: 0x1B,
        settable_mask: 0x1B,
        threshold_access: Access::Settable,
        hysteresis_access: Access::Settable,
        assert_supported: 0x0FFF,
        assert_enabled: 0x0FFF,
        ..Sensor::new(0, 1, 1, 1)
    });
    main.add_sensor(Sensor {
        events_enabled: true,
        scanning_enabled: true,
        states: 1,
        ..Sensor::new(0, 2, 0x08, 0x6F)
    });
    let mut bmc = Bmc::new(main, true, NOW);
    bmc.chassis.identify = true;
    bmc.satellites.insert(0x2C, Controller::new(0x2C, identity(0x01)));
    bmc
}

pub(crate) fn ask_at(bmc: &mut Bmc, net_fn: u8, cmd: u8, data: &[u8], now: Duration) -> Vec<u8> {
    let response = bmc.handle(&Request::new(NetFn::new(net_fn), cmd, data), now);
    assert_eq!(response.code.0, 0, "NetFn {net_fn:02X}h command {cmd:02X}h");
    response.data
}

pub(crate) fn ask(bmc: &mut Bmc, net_fn: u8, cmd: u8, data: &[u8]) -> Vec<u8> {
    ask_at(bmc, net_fn, cmd, data, NOW)
}

pub(crate) fn refuse(bmc: &mut Bmc, net_fn: u8, cmd: u8, data: &[u8]) -> u8 {
    let response = bmc.handle(&Request::new(NetFn::new(net_fn), cmd, data), NOW);
    assert!(response.data.is_empty());
    response.code.0
}

//! SEL, SDR and FRU commands (NetFn 0Ah).

mod add_sel_entry;
mod allocation_info;
mod clear_sel;
mod delete_sel_entry;
mod fru_device_id;
mod get_fru_inventory_area_info;
mod get_sdr;
mod get_sdr_repository_allocation_info;
mod get_sdr_repository_info;
mod get_sel_allocation_info;
mod get_sel_entry;
mod get_sel_info;
mod get_sel_time;
mod read_fru_data;
mod record_id;
mod reserve_sdr_repository;
mod reserve_sel;
mod sdr_part;
mod set_sel_time;
mod write_fru_data;

pub use add_sel_entry::AddSelEntry;
pub use allocation_info::AllocationInfo;
pub use clear_sel::{ClearAction, ClearSel, EraseProgress};
pub use delete_sel_entry::DeleteSelEntry;
pub use fru_device_id::FruDeviceId;
pub use get_fru_inventory_area_info::{FruInventoryAreaInfo, GetFruInventoryAreaInfo};
pub use get_sdr::GetSdr;
pub use get_sdr_repository_allocation_info::GetSdrRepositoryAllocationInfo;
pub use get_sdr_repository_info::{GetSdrRepositoryInfo, SdrRepositoryInfo, SdrRepositorySupport};
pub use get_sel_allocation_info::GetSelAllocationInfo;
pub use get_sel_entry::{GetSelEntry, SelEntry};
pub use get_sel_info::{GetSelInfo, SelInfo, SelSupport};
pub use get_sel_time::GetSelTime;
pub use read_fru_data::{FruData, ReadFruData};
pub use record_id::{RecordId, ReservationId};
pub use reserve_sdr_repository::ReserveSdrRepository;
pub use reserve_sel::ReserveSel;
pub use sdr_part::{SdrPart, SdrPartRequest};
pub use set_sel_time::SetSelTime;
pub use write_fru_data::WriteFruData;

use super::all_commands::{CommandRow, row};

/// The commands of this group.
pub(super) const COMMANDS: &[CommandRow] = &[
    row::<AddSelEntry>(),
    row::<ClearSel>(),
    row::<DeleteSelEntry>(),
    row::<GetFruInventoryAreaInfo>(),
    row::<GetSdr>(),
    row::<GetSdrRepositoryAllocationInfo>(),
    row::<GetSdrRepositoryInfo>(),
    row::<GetSelAllocationInfo>(),
    row::<GetSelEntry>(),
    row::<GetSelInfo>(),
    row::<GetSelTime>(),
    row::<ReadFruData>(),
    row::<ReserveSdrRepository>(),
    row::<ReserveSel>(),
    row::<SetSelTime>(),
    row::<WriteFruData>(),
];

//! Reads FRU inventory areas (IPMI 2.0 s34; layout: FRU Information Storage Definition s8, s16).
//!
//! Pieces of a size that worked once are asked for together, as far as it is known that they are needed.

use std::collections::VecDeque;
use std::time::Duration;

use ipmi_core::command::storage::{FruDeviceId, FruInventoryAreaInfo, GetFruInventoryAreaInfo, ReadFruData};
use ipmi_core::{Command, CompletionCode, Error, Request, Target};

use super::{REFUSAL_TRIES, is_link_error, wants_fewer_bytes};
use crate::{Bmc, Pending};

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FruImage {
    /// Size and access.
    pub info: FruInventoryAreaInfo,
    /// The bytes from offset 0.
    pub bytes: Vec<u8>,
    /// Why reading stopped early, if it did.
    pub problem: Option<String>,
}

/// Bytes asked for first. The Linux driver's KCS buffer holds 80, and BMCs that take no more than 32 say so.
const FIRST_PIECE: u8 = 64;
const SMALLEST_PIECE: u8 = 4;
/// Pieces under way.
const MOST_PIECES: usize = 8;
/// Read FRU Data: the device is busy.
const DEVICE_BUSY: CompletionCode = CompletionCode(0x81);
const BUSY_TRIES: u32 = 8;
const BUSY_WAIT: Duration = Duration::from_millis(20);

/// Reads as much of a FRU as its common header and areas use.
///
/// # Errors
/// When the BMC cannot be reached, or refuses before the first byte.
pub fn read(bmc: &Bmc, target: Target, device: FruDeviceId) -> Result<FruImage, Error> {
    read_until(bmc, target, device, used)
}

/// Reads all of a FRU.
///
/// # Errors
/// When the BMC cannot be reached, or refuses before the first byte.
pub fn read_whole(bmc: &Bmc, target: Target, device: FruDeviceId) -> Result<FruImage, Error> {
    read_until(bmc, target, device, |_, size| size)
}

fn read_until(
    bmc: &Bmc,
    target: Target,
    device: FruDeviceId,
    needed: impl Fn(&[u8], usize) -> usize,
) -> Result<FruImage, Error> {
    let bmc = &bmc.together();
    let info = bmc.call_to(target, &GetFruInventoryAreaInfo { device })?;
    let size = usize::from(info.size);
    let mut image = FruImage { info, bytes: Vec::new(), problem: None };
    let reader = Reader { bmc, target, device, by_words: info.by_words };
    let (mut piece, mut works, mut vary) = (FIRST_PIECE, false, false);
    let mut refused = 0;
    let mut under_way = VecDeque::new();
    let mut asked = 0;
    loop {
        let end = needed(&image.bytes, size).min(size);
        let missing = end.saturating_sub(image.bytes.len());
        if missing == 0 {
            return Ok(image);
        }
        let most = if works && !vary { MOST_PIECES } else { 1 };
        while asked < end && under_way.len() < most {
            // A word more than the piece would be needed for an odd offset.
            let odd = if info.by_words && asked % 2 != 0 { 1 } else { 0 };
            let count = u8::try_from(end - asked).unwrap_or(u8::MAX).min(piece - odd);
            under_way.push_back(reader.submit(asked, count));
            asked += usize::from(count);
        }
        let Some(part) = under_way.pop_front() else { return Ok(image) };
        let count = part.count;
        match reader.wait(part) {
            Ok(data) if data.is_empty() => {
                image.problem = Some(format!("no more bytes after {} of {size}", image.bytes.len()));
                return Ok(image);
            }
            Ok(mut data) => {
                refused = 0;
                data.truncate(usize::from(count));
                works |= data.len() == usize::from(piece);
                vary |= data.len() < usize::from(count);
                image.bytes.extend(data);
                if vary {
                    under_way.clear();
                    asked = image.bytes.len();
                }
            }
            // Where others of that size came, or nothing smaller makes sense, the refusal may pass.
            Err(error)
                if error.completion_code().is_some_and(wants_fewer_bytes)
                    && (works || count <= SMALLEST_PIECE)
                    && refused < REFUSAL_TRIES =>
            {
                refused += 1;
                under_way.push_front(reader.submit(image.bytes.len(), count));
            }
            Err(error) if error.completion_code().is_some_and(wants_fewer_bytes) && count > SMALLEST_PIECE => {
                piece = (count / 2).max(SMALLEST_PIECE);
                works = false;
                under_way.clear();
                asked = image.bytes.len();
            }
            Err(error) if is_link_error(&error) || image.bytes.is_empty() => return Err(error),
            Err(error) => {
                image.problem = Some(format!("after {} of {size} bytes: {error}", image.bytes.len()));
                return Ok(image);
            }
        }
    }
}

struct Reader<'a> {
    bmc: &'a Bmc,
    target: Target,
    device: FruDeviceId,
    by_words: bool,
}

/// One piece, asked for.
struct Part {
    offset: usize,
    count: u8,
    pending: Pending,
}

impl Reader<'_> {
    /// Asks for a piece. Word devices count offset and length in words.
    fn submit(&self, offset: usize, count: u8) -> Part {
        let unit = self.unit();
        // An odd offset cannot be asked for in words: the word begins a byte earlier, so one byte more is needed.
        let words = usize::from(count).saturating_add(offset % unit).div_ceil(unit);
        let command = ReadFruData {
            device: self.device,
            offset: u16::try_from(offset / unit).unwrap_or(u16::MAX),
            count: u8::try_from(words).unwrap_or(u8::MAX),
        };
        let pending = self.bmc.submit_named(ReadFruData::NAME, self.target, Request::of(&command));
        Part { offset, count, pending }
    }

    fn unit(&self) -> usize {
        if self.by_words { 2 } else { 1 }
    }

    /// Waits for a piece, asked again while the device is busy.
    fn wait(&self, part: Part) -> Result<Vec<u8>, Error> {
        let Part { offset, count, mut pending } = part;
        for _ in 0..BUSY_TRIES {
            match pending.wait()?.decode::<ReadFruData>() {
                Err(error) if error.completion_code() == Some(DEVICE_BUSY) => {
                    self.bmc.pause(BUSY_WAIT);
                    pending = self.submit(offset, count).pending;
                }
                Err(error) => return Err(error),
                Ok(data) => return Ok(data.data.into_iter().skip(offset % self.unit()).collect()),
            }
        }
        let (net_fn, cmd) = (ReadFruData::NET_FN, ReadFruData::CMD);
        let text = ReadFruData::code_text(DEVICE_BUSY);
        Err(Error::Completion { command: ReadFruData::NAME, net_fn, cmd, code: DEVICE_BUSY, text })
    }
}

const COMMON_HEADER: usize = 8;
const MULTIRECORD_HEADER: usize = 5;

/// How many bytes must be there before one can tell how many are used; or, once one can, how many that are. What is no
/// FRU layout (memory modules hand out their SPD) is used whole.
fn used(bytes: &[u8], size: usize) -> usize {
    let Some(&[version, _, chassis, board, product, multirecord, _, _]) = bytes.first_chunk::<COMMON_HEADER>() else {
        return COMMON_HEADER;
    };
    if version & 0x0F != 1 {
        return size;
    }
    let mut end = COMMON_HEADER;
    for area in [chassis, board, product] {
        if area != 0 {
            let start = usize::from(area) * 8;
            end = end.max(match bytes.get(start + 1) {
                Some(length) => start + usize::from(*length) * 8,
                None => start + 2,
            });
        }
    }
    if multirecord != 0 {
        let mut start = usize::from(multirecord) * 8;
        loop {
            let Some(&[_, format, length, ..]) = bytes.get(start..start + MULTIRECORD_HEADER) else {
                return end.max(start + MULTIRECORD_HEADER);
            };
            start += MULTIRECORD_HEADER + usize::from(length);
            end = end.max(start);
            const END_OF_LIST: u8 = 0x80;
            if format & END_OF_LIST != 0 || start >= size {
                break;
            }
        }
    }
    end
}

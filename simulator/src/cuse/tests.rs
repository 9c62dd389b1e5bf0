//! Tests of the CUSE device, with messages as the kernel makes them.

use super::*;
use ipmi_core::CompletionCode;

const OPEN: u32 = 14;
const IOCTL: u32 = 39;
const POLL: u32 = 40;
const SEND: u32 = 0x8028_690D;
const RECEIVE: u32 = 0xC030_690C;
const RECEIVE_TRUNC: u32 = 0xC030_690B;

fn message(opcode: u32, body: &[u8]) -> Vec<u8> {
    let len = u32::try_from(40 + body.len()).unwrap();
    let mut bytes = [len.to_ne_bytes(), opcode.to_ne_bytes()].concat();
    bytes.extend(7_u64.to_ne_bytes());
    bytes.extend([0; 24]);
    bytes.extend(body);
    bytes
}

fn ioctl(cmd: u32, input: &[u8], out_size: u32) -> Vec<u8> {
    let mut body = 1_u64.to_ne_bytes().to_vec();
    body.extend(2_u32.to_ne_bytes());
    body.extend(cmd.to_ne_bytes());
    body.extend(0x7000_u64.to_ne_bytes());
    body.extend(u32::try_from(input.len()).unwrap().to_ne_bytes());
    body.extend(out_size.to_ne_bytes());
    body.extend(input);
    message(IOCTL, &body)
}

/// Answers every command with its data behind two bytes.
fn echo(_to: To, request: &Request) -> Response {
    Response { code: CompletionCode::OK, data: [&[0xEC, request.cmd][..], &request.data].concat() }
}

fn device() -> Device {
    let mut device = Device::new("ipmi0");
    let opened = device.handle(&message(OPEN, &[0; 8]), &mut echo);
    assert_eq!(opened[0][16..24], 1_u64.to_ne_bytes());
    device
}

/// Result, flags, and the numbers that follow, of the answer to an ioctl.
fn call(device: &mut Device, cmd: u32, input: &[u8], out_size: u32) -> (i32, u32, Vec<u8>) {
    let replies = device.handle(&ioctl(cmd, input, out_size), &mut echo);
    let body = &replies[0][16..];
    assert_eq!(i32::from_ne_bytes(replies[0][4..8].try_into().unwrap()), 0);
    let number = |at: usize| u32::from_ne_bytes(body[at..at + 4].try_into().unwrap());
    (number(0).cast_signed(), number(4), body[8..].to_vec())
}

fn pieces(body: &[u8]) -> Vec<(u64, u64)> {
    let number = |bytes: &[u8]| u64::from_ne_bytes(bytes.try_into().unwrap());
    body[8..].chunks(16).map(|piece| (number(&piece[..8]), number(&piece[8..]))).collect()
}

fn req(data_len: u16) -> Vec<u8> {
    let mut req = 0xA000_u64.to_ne_bytes().to_vec();
    req.extend(8_u32.to_ne_bytes());
    req.extend([0; 4]);
    req.extend(99_u64.to_ne_bytes());
    req.extend([6, 1]);
    req.extend(data_len.to_ne_bytes());
    req.extend([0; 4]);
    req.extend(0xD000_u64.to_ne_bytes());
    req
}

fn system_interface() -> Vec<u8> {
    [&0x0C_u32.to_ne_bytes()[..], &0x0F_u16.to_ne_bytes(), &[0, 0]].concat()
}

fn recv(room: u16) -> Vec<u8> {
    let mut recv = vec![0; 48];
    recv[8..16].copy_from_slice(&0xA100_u64.to_ne_bytes());
    recv[16..20].copy_from_slice(&40_u32.to_ne_bytes());
    recv[34..36].copy_from_slice(&room.to_ne_bytes());
    recv[40..48].copy_from_slice(&0xD100_u64.to_ne_bytes());
    recv
}

#[test]
fn the_device_announces_itself() {
    let init = [7_u32, 36, 0, 1].map(u32::to_ne_bytes).concat();
    let reply = Device::new("ipmi7").handle(&message(4096, &init), &mut echo).remove(0);
    assert_eq!(reply.len(), 16 + 72 + "DEVNAME=ipmi7\0".len());
    assert!(reply.ends_with(b"DEVNAME=ipmi7\0"));
    assert_eq!(reply[16..32], [7_u32, 31, 0, 1].map(u32::to_ne_bytes).concat());
    let old = [6_u32, 36, 0, 1].map(u32::to_ne_bytes).concat();
    assert_eq!(Device::new("x").handle(&message(4096, &old), &mut echo)[0].len(), 16);
}

#[test]
fn a_request_and_its_response_in_three_rounds_each() {
    let mut device = device();
    let (_, flags, body) = call(&mut device, SEND, &[], 0);
    assert_eq!((flags, pieces(&body)), (4, vec![(0x7000, 40)]));
    let (_, flags, body) = call(&mut device, SEND, &req(3), 0);
    assert_eq!((flags, pieces(&body)), (4, vec![(0x7000, 40), (0xA000, 8), (0xD000, 3)]));
    assert_eq!(call(&mut device, RECEIVE, &recv(100), 0).0, -11);
    let whole = [req(3), system_interface(), vec![1, 2, 3]].concat();
    assert_eq!(call(&mut device, SEND, &whole, 0).0, 0);

    assert_eq!(pieces(&call(&mut device, RECEIVE, &[], 0).2), [(0x7000, 48)]);
    let (_, _, body) = call(&mut device, RECEIVE, &recv(100), 0);
    assert_eq!(pieces(&body), [(0x7000, 48), (0x7000, 48), (0xA100, 8), (0xD100, 6)]);
    let (result, flags, body) = call(&mut device, RECEIVE, &recv(100), 48 + 8 + 6);
    let out = &body[8..];
    assert_eq!((result, flags, out.len()), (0, 0, 62));
    assert_eq!((out[0], &out[24..32], &out[32..36]), (1, &99_u64.to_ne_bytes()[..], &[7, 1, 6, 0][..]));
    assert_eq!(out[48..], [&system_interface()[..], &[0, 0xEC, 1, 1, 2, 3]].concat());
    assert_eq!(call(&mut device, RECEIVE, &recv(100), 62).0, -11);
}

#[test]
fn a_response_that_does_not_fit_is_kept_or_cut() {
    let mut device = device();
    call(&mut device, SEND, &[req(0), system_interface()].concat(), 0);
    assert_eq!(call(&mut device, RECEIVE, &recv(2), 0).0, -90);
    let (result, _, body) = call(&mut device, RECEIVE_TRUNC, &recv(2), 48 + 8 + 2);
    assert_eq!((result, &body[8 + 56..]), (-90, &[0, 0xEC][..]));
    assert_eq!(call(&mut device, RECEIVE_TRUNC, &recv(2), 58).0, -11);
}

#[test]
fn poll_tells_and_wakes() {
    let mut device = device();
    let poll = [&1_u64.to_ne_bytes()[..], &55_u64.to_ne_bytes(), &1_u32.to_ne_bytes(), &[0; 4]].concat();
    assert_eq!(device.handle(&message(POLL, &poll), &mut echo)[0][16..20], [0; 4]);
    let replies = device.handle(&ioctl(SEND, &[req(0), system_interface()].concat(), 0), &mut echo);
    assert_eq!((replies.len(), &replies[1][16..]), (2, &55_u64.to_ne_bytes()[..]));
    assert_eq!(device.handle(&message(POLL, &poll), &mut echo)[0][16..20], 0x41_u32.to_ne_bytes());
    assert!(device.event(&[1; 16]).is_empty() && !device.wants_events());
    call(&mut device, 0x8004_6910, &1_u32.to_ne_bytes(), 0);
    assert!(device.wants_events() && device.event(&[1; 16]).is_empty());
}

#[test]
fn settings_are_kept_and_unknown_calls_refused() {
    let mut device = device();
    assert_eq!(pieces(&call(&mut device, 0x8004_6911, &[], 0).2), [(0x7000, 4)]);
    assert_eq!(pieces(&call(&mut device, 0x8004_6912, &[], 0).2), [(0x7000, 4)]);
    assert_eq!(call(&mut device, 0x8004_6912, &[], 4).2[8..], 0x20_u32.to_ne_bytes());
    assert_eq!(call(&mut device, 0x8004_6911, &0x82_u32.to_ne_bytes(), 0).0, 0);
    assert_eq!(call(&mut device, 0x8004_6912, &[], 4).2[8..], 0x82_u32.to_ne_bytes());
    assert_eq!(call(&mut device, 0x5401, &[], 0).0, -25);
    assert_eq!(call(&mut device, SEND, &[req(300), system_interface()].concat(), 0).0, -90);
    let lan = [&4_u32.to_ne_bytes()[..], &1_u16.to_ne_bytes(), &[0, 0]].concat();
    assert_eq!(call(&mut device, SEND, &[req(0), lan].concat(), 0).0, -22);
}

#[test]
fn cut_and_random_messages_do_no_harm() {
    let mut device = device();
    for whole in [
        ioctl(SEND, &[req(3), system_interface(), vec![1, 2, 3]].concat(), 0),
        ioctl(RECEIVE, &recv(100), 62),
        message(POLL, &[0; 24]),
        message(4096, &[7; 16]),
    ] {
        for len in 0..whole.len() {
            device.handle(&whole[..len], &mut echo);
        }
    }
    let mut state = 1_u32;
    for _ in 0..20_000 {
        let bytes: Vec<u8> = (0..64)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .collect();
        device.handle(
            &ioctl([SEND, RECEIVE, 0x8004_6911][usize::from(bytes[0]) % 3], &bytes[1..], bytes[0].into()),
            &mut echo,
        );
        device.handle(&message(bytes[0].into(), &bytes), &mut echo);
    }
    assert!(device.files.len() <= MAX_FILES);
}

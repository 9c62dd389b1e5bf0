//! Log-ins and sessions against a BMC computed from the formulas, as it should be and as some are.
// This is test code: it may panic.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::fake_bmc::FakeBmc;
use super::*;
use crate::link::rmcp_plus::cipher_suite::CipherSuite;
use crate::link::rmcp_plus::header::PayloadType;
use crate::link::rmcp_plus::rakp::UserName;
use crate::link::rmcp_plus::status::StatusCode;
use crate::link::session_1_5::AuthType;
use crate::{CompletionCode, NetFn, Privilege, Request, Response, Secret};

fn config(protocol: Protocol) -> LoginConfig {
    LoginConfig::new(protocol, UserName::new(b"admin").unwrap(), Secret::new(*b"secret"))
}

fn with_cipher(cipher: CipherChoice) -> LoginConfig {
    LoginConfig { cipher, ..config(Protocol::RmcpPlus) }
}

fn fixed(suite: u8) -> LoginConfig {
    with_cipher(CipherChoice::Fixed(CipherSuite(suite)))
}

fn counting() -> Random {
    let mut next = 1u8;
    Box::new(move |bytes| {
        for byte in bytes {
            *byte = next;
            next = next.wrapping_add(1);
        }
    })
}

/// Runs a log-in to its end: outcome, datagrams sent, time taken.
fn log_in(config: LoginConfig, bmc: &mut FakeBmc) -> (Result<Session, LoginError>, u32, Duration) {
    let start = Instant::now();
    let mut now = start;
    let mut login = Login::new(config, counting(), now).unwrap();
    for _ in 0..1000 {
        while let Some(datagram) = login.poll_transmit() {
            if let Some(answer) = bmc.answer(&datagram) {
                login.handle_datagram(&answer, now);
            }
        }
        if let Some(outcome) = login.poll() {
            while let Some(datagram) = login.poll_transmit() {
                bmc.answer(&datagram);
            }
            assert!(login.poll().is_none() && login.poll_timeout().is_none());
            return (outcome, login.sent(), now - start);
        }
        now = login.poll_timeout().unwrap();
        login.handle_timeout(now);
    }
    panic!("no end");
}

fn error(config: LoginConfig, mut bmc: FakeBmc) -> LoginError {
    log_in(config, &mut bmc).0.unwrap_err()
}

/// One request and its answer through the session.
fn round_trip(session: &mut Session, bmc: &mut FakeBmc) -> Response {
    let request = request_of(&Request::new(NetFn::APP, 0x01, []), 9);
    let datagram = session.seal(PayloadType::Ipmi, &request.emit()).unwrap();
    let answer = bmc.answer(&datagram).unwrap();
    let Opened::Payload(PayloadType::Ipmi, payload) = session.open(&answer) else { panic!("no payload") };
    assert_eq!(session.open(&answer), Opened::Rejected(Rejected::Replayed));
    answer_to(&request, &payload, Quirks::empty()).unwrap()
}

#[test]
fn every_suite_opens_with_five_datagrams() {
    for suite in [0, 1, 2, 3, 6, 7, 8, 11, 12, 15, 16, 17] {
        let mut bmc = FakeBmc::default();
        let (outcome, sent, _) = log_in(fixed(suite), &mut bmc);
        let mut session = outcome.unwrap();
        assert_eq!(sent, 5, "suite {suite}");
        let agreed = session.agreed();
        assert_eq!((agreed.cipher_suite, agreed.privilege), (Some(CipherSuite(suite)), Privilege::Administrator));
        assert_eq!(agreed.guid, Some([0x99; 16]));
        assert_eq!(round_trip(&mut session, &mut bmc), Response::ok([4]));
    }
    assert!(Login::new(fixed(4), counting(), Instant::now()).is_err());
}

#[test]
fn the_suite_is_found() {
    let found = |choice, accepts: &[u8], lists: Option<&[u8]>| {
        let lists = lists.map(<[u8]>::to_vec);
        let mut bmc = FakeBmc { accepts: accepts.to_vec(), lists, ..FakeBmc::default() };
        let (outcome, sent, time) = log_in(with_cipher(choice), &mut bmc);
        (outcome.map(|session| session.agreed().cipher_suite.unwrap().0), sent, time)
    };
    let probe = Timing::default().probe;
    // A refusal is believed when nothing better follows.
    let doubt = Timing::default().timeout / 8;
    assert_eq!(found(CipherChoice::Ask, &[3, 17], None), (Ok(3), 5, probe));
    assert_eq!(found(CipherChoice::Ask, &[17], None), (Ok(17), 6, probe + doubt));
    assert_eq!(found(CipherChoice::Ask, &[3, 17], Some(&[0, 3, 17])), (Ok(17), 5, Duration::ZERO));
    // Listed, but switched off: the next one.
    assert_eq!(found(CipherChoice::Ask, &[3], Some(&[3, 17])), (Ok(3), 6, doubt));
    // A long list takes several questions; 0 and xRC4 are left alone.
    assert_eq!(found(CipherChoice::Ask, &[0, 4, 1], Some(&[0, 1, 2, 3, 4, 5])).0, Ok(1));
    assert_eq!(found(CipherChoice::Remembered(CipherSuite(17)), &[17], None), (Ok(17), 5, Duration::ZERO));
    assert_eq!(found(CipherChoice::Remembered(CipherSuite(17)), &[3], None), (Ok(3), 7, probe + doubt));
    // Whoever is on the way can have made the refusals.
    for lists in [None, Some(&[1, 2, 3, 17][..]), Some(&[1])] {
        let weaker = found(CipherChoice::Remembered(CipherSuite(17)), &[0, 1, 2], lists).0;
        assert_eq!(weaker, Err(LoginError::WeakerThanBefore));
    }
    assert!(matches!(found(CipherChoice::Ask, &[0], None).0, Err(LoginError::RefusedSuite { .. })));
    let refused = LoginError::RefusedSuite { suite: CipherSuite(3), status: StatusCode::NO_MATCHING_CIPHER_SUITE };
    assert_eq!(found(CipherChoice::Fixed(CipherSuite(3)), &[17], None).0, Err(refused));
}

#[test]
fn a_suite_nobody_asked_for_is_named() {
    let bmc = FakeBmc { insists_on: Some(CipherSuite(3)), ..FakeBmc::default() };
    let error = error(fixed(17), bmc);
    let answered = CipherSuite(3).algorithms().unwrap();
    assert_eq!(error, LoginError::OtherSuite { suite: CipherSuite(17), answered });
    assert_eq!(
        error.explained(),
        "cipher suite 17 was asked for, and the BMC answered with hmac_sha1, hmac_sha1_96, aes_cbc_128 (cipher suite \
         3); name no suite, or another one"
    );
}

#[test]
fn refusals_are_named() {
    let with = |rakp2| FakeBmc { rakp2, ..FakeBmc::default() };
    let privilege = Privilege::Administrator;
    assert_eq!(error(fixed(3), with(StatusCode::UNAUTHORIZED_ROLE)), LoginError::RefusedPrivilege { privilege });
    assert_eq!(error(fixed(3), with(StatusCode::UNAUTHORIZED_NAME)), LoginError::UnknownUser);
    assert_eq!(error(fixed(3), with(StatusCode::INSUFFICIENT_RESOURCES)), LoginError::NoSlots);
    assert_eq!(error(fixed(3), with(StatusCode::INVALID_INTEGRITY_CHECK)), LoginError::WrongPassword);
    let refusal = Refusal::Status(StatusCode::ILLEGAL_PARAMETER);
    let refused = LoginError::BmcRefused { step: Step::Rakp1, refusal };
    assert_eq!(error(fixed(3), with(StatusCode::ILLEGAL_PARAMETER)), refused);
    assert!(matches!(error(fixed(3), with(StatusCode::INVALID_SESSION_ID)), LoginError::BmcRefused { .. }));
    assert_eq!(
        error(with_cipher(CipherChoice::Ask), with(StatusCode::UNAUTHORIZED_ROLE)),
        LoginError::RefusedPrivilege { privilege }
    );
    for suite in [1, 3, 8, 17] {
        let bmc = FakeBmc { password: b"other".to_vec(), ..FakeBmc::default() };
        assert_eq!(error(fixed(suite), bmc), LoginError::WrongPassword, "suite {suite}");
    }
}

#[test]
fn a_session_below_the_level_wanted_is_closed() {
    for code in [0x80, 0x81] {
        let mut bmc = FakeBmc { level: CompletionCode(code), ..FakeBmc::default() };
        let privilege = Privilege::Administrator;
        assert_eq!(log_in(fixed(3), &mut bmc).0.unwrap_err(), LoginError::RefusedPrivilege { privilege });
        assert!(bmc.closed);
    }
}

#[test]
fn the_other_lookup_is_tried_once() {
    for form in [false, true] {
        for first in [false, true] {
            let mut bmc = FakeBmc { name_only: Some(form), ..FakeBmc::default() };
            let (outcome, sent, _) = log_in(LoginConfig { name_only_lookup: first, ..fixed(3) }, &mut bmc);
            assert_eq!(outcome.unwrap().agreed().name_only_lookup, form);
            assert_eq!(sent, if first == form { 5 } else { 7 });
        }
    }
}

#[test]
fn the_key_of_the_bmc() {
    let two_key = |kg: &[u8]| FakeBmc {
        kg: kg.to_vec(),
        capabilities: Some([1, 0x97, 0x24, 0x03, 0, 0, 0, 0]),
        ..FakeBmc::default()
    };
    let with = |kg: &[u8]| LoginConfig { kg: Secret::new(kg), ..fixed(3) };
    let mut bmc = two_key(b"kg");
    let mut session = log_in(with(b"kg"), &mut bmc).0.unwrap();
    assert_eq!(round_trip(&mut session, &mut bmc), Response::ok([4]));
    assert_eq!(error(with(b"other"), two_key(b"kg")), LoginError::WrongKey);
    assert_eq!(error(with(b""), two_key(b"kg")), LoginError::WrongKey);
    assert_eq!(error(with(b"kg"), FakeBmc::default()), LoginError::WrongKey);
    assert!(log_in(with(&[0; 20]), &mut FakeBmc::default()).0.is_ok());
    let ask = LoginConfig { cipher: CipherChoice::Ask, ..with(b"") };
    assert_eq!(error(ask, two_key(b"kg")), LoginError::WrongKey);
}

#[test]
fn lost_answers_begin_the_handshake_again() {
    for lost in [0x11, 0x13, 0x15] {
        let mut bmc = FakeBmc { loses: vec![lost; 2], ..FakeBmc::default() };
        let (outcome, sent, _) = log_in(fixed(3), &mut bmc);
        let mut session = outcome.unwrap();
        round_trip(&mut session, &mut bmc);
        let again = u32::from((lost - 0x11) / 2 + 1);
        assert_eq!(sent, 5 + 2 * again, "{lost:02X}h");
        let bmc = FakeBmc { loses: vec![lost; 100], ..FakeBmc::default() };
        assert!(matches!(error(fixed(3), bmc), LoginError::NoAnswer { .. }));
    }
}

/// A log-in whose answers pass through `change`, which may replace each by any number of datagrams.
fn log_in_through(
    config: LoginConfig,
    bmc: &mut FakeBmc,
    mut change: impl FnMut(usize, Vec<u8>) -> Vec<Vec<u8>>,
) -> (Result<Session, LoginError>, u32) {
    let mut now = Instant::now();
    let mut login = Login::new(config, counting(), now).unwrap();
    let mut answers = 0;
    for _ in 0..1000 {
        while let Some(datagram) = login.poll_transmit() {
            for changed in bmc.answer(&datagram).map_or(Vec::new(), |answer| change(answers, answer)) {
                login.handle_datagram(&changed, now);
            }
            answers += 1;
        }
        if let Some(outcome) = login.poll() {
            return (outcome, login.sent());
        }
        now = login.poll_timeout().unwrap();
        login.handle_timeout(now);
    }
    panic!("no end");
}

#[test]
fn one_damaged_answer_is_no_wrong_password() {
    let configs = [fixed(3), fixed(17), fixed(2), config(Protocol::Ipmi15)];
    for config in configs {
        for damaged in 0..5 {
            let mut bits = 1;
            let mut bit = 0;
            while bit < bits {
                let mut bmc = FakeBmc::default();
                let flip = |answer: usize, mut datagram: Vec<u8>| {
                    if answer == damaged {
                        bits = datagram.len() * 8;
                        datagram[bit / 8] ^= 1 << (bit % 8);
                    }
                    vec![datagram]
                };
                let (outcome, sent) = log_in_through(config.clone(), &mut bmc, flip);
                let mut session = outcome.unwrap_or_else(|error| panic!("answer {damaged}, bit {bit}: {error}"));
                assert!(sent <= 12, "answer {damaged}, bit {bit}: {sent} datagrams");
                round_trip(&mut session, &mut bmc);
                bit += 1;
            }
        }
    }
}

#[test]
fn forged_refusals_before_the_answer_do_no_harm() {
    for status in 1..=0x12 {
        let mut bmc = FakeBmc::default();
        let forge = |_: usize, datagram: Vec<u8>| {
            let mut forged = datagram.clone();
            // Version, payload type, session id, sequence number, length; tag; status.
            if datagram[4] == 6 && datagram[5] >= 0x10 {
                forged[17] = status;
            }
            vec![forged, datagram]
        };
        let (outcome, sent) = log_in_through(fixed(3), &mut bmc, forge);
        round_trip(&mut outcome.unwrap(), &mut bmc);
        assert_eq!(sent, 5);
    }
}

#[test]
fn a_refused_level_costs_few_datagrams() {
    let mut bmc = FakeBmc { rakp2: StatusCode::UNAUTHORIZED_ROLE, ..FakeBmc::default() };
    let (outcome, sent, _) = log_in(with_cipher(CipherChoice::Ask), &mut bmc);
    let privilege = Privilege::Administrator;
    assert_eq!((outcome.unwrap_err(), sent), (LoginError::RefusedPrivilege { privilege }, 11));
}

#[test]
fn a_wrong_password_is_proven_before_a_proof_is_sent() {
    let mut bmc = FakeBmc { password: b"other".to_vec(), ..FakeBmc::default() };
    let (outcome, sent, time) = log_in(fixed(3), &mut bmc);
    let timing = Timing::default();
    assert_eq!(outcome.unwrap_err(), LoginError::WrongPassword);
    // Each handshake ends before RAKP message 3; the last one says so to the BMC.
    assert_eq!((sent, time), (1 + 2 * (timing.retries + 1) + 1, timing.timeout / 8 * (timing.retries + 1)));
}

#[test]
fn silent_bmcs_and_old_ones_are_told_apart() {
    let mute = || vec![0x11; 1000];
    let old = [1, 0x17, 0x04, 0, 0, 0, 0, 0];
    let ask = || with_cipher(CipherChoice::Ask);
    let bmc = FakeBmc { loses: mute(), capabilities: None, ..FakeBmc::default() };
    assert_eq!(error(ask(), bmc), LoginError::NoAnswer { step: Step::Capabilities });
    let bmc = FakeBmc { loses: mute(), capabilities: Some(old), ..FakeBmc::default() };
    assert_eq!(error(ask(), bmc), LoginError::NotSupported);
    let bmc = FakeBmc { loses: mute(), knows_extended: false, ..FakeBmc::default() };
    assert_eq!(error(ask(), bmc), LoginError::NotSupported);
    let bmc = FakeBmc { loses: mute(), ..FakeBmc::default() };
    assert_eq!(error(ask(), bmc), LoginError::NoAnswer { step: Step::OpenSession });
    let bmc = FakeBmc { capabilities: Some(old), ..FakeBmc::default() };
    assert_eq!(error(fixed(3), bmc), LoginError::NotSupported);
}

#[test]
fn secrets_that_do_not_fit_are_refused_before_anything_is_sent() {
    let new = |config| Login::new(config, counting(), Instant::now()).map(drop);
    let with = |config: LoginConfig, length| LoginConfig { password: Secret::new(vec![b'x'; length]), ..config };
    assert_eq!(new(with(fixed(3), 20)), Ok(()));
    let too_long = LoginError::TooLong { secret: "password", limit: 20, found: 21 };
    assert_eq!(new(with(fixed(3), 21)), Err(too_long));
    let too_long = LoginError::TooLong { secret: "password", limit: 16, found: 17 };
    assert_eq!(new(with(config(Protocol::Ipmi15), 17)), Err(too_long));
    assert!(new(LoginConfig { kg: Secret::new(vec![1; 21]), ..fixed(3) }).is_err());
}

/// Without the quirk the log-in fails; with it there is a session.
fn needs(quirk: Quirks, config: LoginConfig, make: impl Fn() -> FakeBmc) -> LoginError {
    let failed = error(config.clone(), make());
    let mut bmc = make();
    let mut session = log_in(LoginConfig { quirks: quirk, ..config }, &mut bmc).0.unwrap();
    let datagram = session.seal(PayloadType::Ipmi, &request_of(&Request::new(NetFn::APP, 1, []), 9).emit()).unwrap();
    assert!(matches!(session.open(&bmc.answer(&datagram).unwrap()), Opened::Payload(PayloadType::Ipmi, _)));
    failed
}

/// As [`needs`], and the error leads to the quirk.
fn shows_need(quirk: Quirks, config: LoginConfig, make: impl Fn() -> FakeBmc) {
    let failed = needs(quirk, config, make);
    assert!(failed.remedies().contains(&quirk), "{quirk:?}: {failed}");
}

#[test]
fn quirks_of_rmcp_plus() {
    let shows = |shows| move || FakeBmc { shows, ..FakeBmc::default() };
    shows_need(Quirks::SUPERMICRO20, fixed(3), shows(Quirks::SUPERMICRO20));
    shows_need(Quirks::SUPERMICRO20, fixed(8), shows(Quirks::SUPERMICRO20));
    shows_need(Quirks::SUN20, fixed(3), shows(Quirks::SUN20));
    shows_need(Quirks::INTEGRITYCHECKVALUE, fixed(0), shows(Quirks::INTEGRITYCHECKVALUE));
    shows_need(Quirks::INTEL20, fixed(3), shows(Quirks::INTEL20));
    let unpadded = || FakeBmc { wants_padding: false, ..shows(Quirks::INTEL20)() };
    let failed = needs(Quirks::INTEL20, fixed(3), unpadded);
    assert_eq!((failed, failed.remedies()), (LoginError::ProofRefused, vec![Quirks::INTEL20]));
    let password = b"longer than sixteen";
    let config = LoginConfig { password: Secret::new(*password), ..fixed(8) };
    needs(Quirks::INTEL20, config, || FakeBmc {
        password: password.to_vec(),
        shows: Quirks::INTEL20,
        ..FakeBmc::default()
    });
    shows_need(Quirks::AUTHCAP, fixed(3), || FakeBmc { capabilities: Some([0; 8]), ..FakeBmc::default() });
}

#[test]
fn sessions_of_ipmi_1_5() {
    let none = LoginConfig { auth_type: Some(AuthType::None), ..config(Protocol::Ipmi15) };
    for auth_type in [AuthType::None, AuthType::Md2, AuthType::Md5, AuthType::StraightPassword] {
        for per_message_off in [0, 0x10] {
            let capabilities = Some([1, 0x17, 0x04 | per_message_off, 0, 0, 0, 0, 0]);
            let mut bmc = FakeBmc { capabilities, ..FakeBmc::default() };
            let config = LoginConfig { auth_type: Some(auth_type), ..none.clone() };
            let (outcome, sent, time) = log_in(config, &mut bmc);
            let mut session = outcome.unwrap();
            assert_eq!((sent, time), (4, Duration::ZERO));
            let expected = if per_message_off == 0 { auth_type } else { AuthType::None };
            assert_eq!(session.agreed().auth_type, Some(expected));
            assert_eq!(round_trip(&mut session, &mut bmc), Response::ok([4]));
            assert!(session.seal(PayloadType::Sol, &[]).is_err());
        }
    }
    let mut old = FakeBmc { knows_extended: false, ..FakeBmc::default() };
    let (outcome, sent, _) = log_in(config(Protocol::Ipmi15), &mut old);
    assert_eq!((outcome.unwrap().agreed().auth_type, sent), (Some(AuthType::Md5), 5));
}

/// Anybody can answer Get Channel Authentication Capabilities: the password is not for who says that it goes in clear.
#[test]
fn a_password_is_not_given_away_unasked() {
    for (bits, offered) in [(0x11, AuthType::StraightPassword), (0x10, AuthType::StraightPassword), (1, AuthType::None)]
    {
        let bmc = || FakeBmc { capabilities: Some([1, bits, 0x07, 0, 0, 0, 0, 0]), ..FakeBmc::default() };
        let weak = LoginError::WeakAuthType { offered };
        assert_eq!(error(config(Protocol::Ipmi15), bmc()), weak);
        assert_eq!(weak.remedies(), [Quirks::AUTHCAP]);
        // The remedy asks for more, not for less.
        let doubting = LoginConfig { quirks: Quirks::AUTHCAP, ..config(Protocol::Ipmi15) };
        assert_eq!(log_in(doubting, &mut bmc()).0.unwrap().agreed().auth_type, Some(AuthType::Md5));
        let named = LoginConfig { auth_type: Some(offered), ..config(Protocol::Ipmi15) };
        assert_eq!(log_in(named, &mut bmc()).0.unwrap().agreed().auth_type, Some(offered));
        let nothing_to_hide = LoginConfig { password: Secret::default(), ..config(Protocol::Ipmi15) };
        let mut open = FakeBmc { password: Vec::new(), ..bmc() };
        assert_eq!(log_in(nothing_to_hide, &mut open).0.unwrap().agreed().auth_type, Some(offered));
    }
}

#[test]
fn refusals_of_ipmi_1_5() {
    let capabilities = Some([1, 0x10, 0x04, 0, 0, 0, 0, 0]);
    let md5 = LoginConfig { auth_type: Some(AuthType::Md5), ..config(Protocol::Ipmi15) };
    let refused = LoginError::RefusedAuthType { wanted: Some(AuthType::Md5) };
    assert_eq!(error(md5, FakeBmc { capabilities, ..FakeBmc::default() }), refused);
    let bmc = FakeBmc { password: b"other".to_vec(), ..FakeBmc::default() };
    assert_eq!(error(config(Protocol::Ipmi15), bmc), LoginError::PasswordIgnored);
    let bmc = FakeBmc { capabilities: Some([1, 0x14, 0x03, 0, 0, 0, 0, 0]), ..FakeBmc::default() };
    assert_eq!(error(config(Protocol::Ipmi15), bmc), LoginError::UnknownUser);
    let bmc = FakeBmc { capabilities: None, ..FakeBmc::default() };
    assert_eq!(error(config(Protocol::Ipmi15), bmc), LoginError::NoAnswer { step: Step::Capabilities });
}

#[test]
fn quirks_of_ipmi_1_5() {
    let per_message_off = Some([1, 0x14, 0x14, 0, 0, 0, 0, 0]);
    let config = || config(Protocol::Ipmi15);
    let shows = |shows| move || FakeBmc { shows, ..FakeBmc::default() };
    for quirk in [Quirks::IDZERO, Quirks::ENDIANSEQ, Quirks::NOCHECKSUMCHECK] {
        shows_need(quirk, config(), shows(quirk));
    }
    // Without codes anybody could answer: only who asks for it by name bears that.
    let failed = needs(Quirks::NOAUTHCODECHECK, config(), shows(Quirks::NOAUTHCODECHECK));
    assert_eq!((failed, failed.remedies()), (LoginError::WrongCodes { step: Step::Activate }, vec![]));
    shows_need(Quirks::UNEXPECTEDAUTH, config(), || FakeBmc {
        shows: Quirks::UNEXPECTEDAUTH,
        capabilities: per_message_off,
        ..FakeBmc::default()
    });
    // This one asserts that what comes in is authenticated.
    let mut bmc = FakeBmc { shows: Quirks::FORCEPERMSG, capabilities: per_message_off, ..FakeBmc::default() };
    let config = LoginConfig { quirks: Quirks::FORCEPERMSG, ..config() };
    assert!(log_in(config, &mut bmc).0.is_ok());
}

#[test]
fn packets_are_used_only_as_agreed() {
    let mut bmc = FakeBmc::default();
    let mut session = log_in(fixed(17), &mut bmc).0.unwrap();
    let next = bmc.sequence + 1;
    let mut rejected = |datagram: &[u8], reason| assert_eq!(session.open(datagram), Opened::Rejected(reason));
    rejected(&bmc.seal(b"x", next, |header| header.is_authenticated = false), Rejected::NotAuthenticated);
    rejected(&bmc.seal(b"x", next, |header| header.is_encrypted = false), Rejected::NotEncrypted);
    rejected(&bmc.seal(b"x", 0, |_| {}), Rejected::ZeroSequence);
    let mut forged = bmc.seal(b"x", next, |_| {});
    *forged.last_mut().unwrap() ^= 1;
    rejected(&forged, Rejected::WrongAuthCode);
    let good = bmc.seal(b"x", next, |_| {});
    let payload = || Opened::Payload(PayloadType::Ipmi, b"x".to_vec());
    assert_eq!(session.open(&good), payload());
    assert_eq!(session.open(&good), Opened::Rejected(Rejected::Replayed));
    // Far ahead: packets were lost; the session goes on there, and what came before is old.
    assert_eq!(session.open(&bmc.seal(b"x", next + 1000, |_| {})), payload());
    assert_eq!(session.open(&bmc.seal(b"x", next + 2, |_| {})), Opened::Rejected(Rejected::Old));
    assert_eq!(session.open(&bmc.seal(b"x", next, |header| header.session_id ^= 1)), Opened::NotOurs);
    assert_eq!(session.open(&[]), Opened::NotOurs);
    assert!(!format!("{session:?}").contains("secret"));

    let mut bmc = FakeBmc::default();
    let mut session = log_in(fixed(1), &mut bmc).0.unwrap();
    let encrypted = bmc.seal(b"x", 5, |header| header.is_encrypted = true);
    assert_eq!(session.open(&encrypted), Opened::Rejected(Rejected::UnexpectedlyEncrypted));
    let authenticated = bmc.seal(b"x", 5, |header| header.is_authenticated = true);
    assert_eq!(session.open(&authenticated), Opened::Rejected(Rejected::UnexpectedlyAuthenticated));
}

proptest! {
    /// Strangers' datagrams before every answer change nothing.
    #[test]
    fn any_bytes_never_panic_and_the_login_goes_on(
        noise in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 1..8),
        like_ipmi in any::<bool>(),
        old in any::<bool>(),
    ) {
        let (mut bmc, now) = (FakeBmc::default(), Instant::now());
        let config = if old { config(Protocol::Ipmi15) } else { fixed(3) };
        let mut login = Login::new(config, counting(), now).unwrap();
        while let Some(datagram) = login.poll_transmit() {
            for noise in &noise {
                let start: &[u8] = if like_ipmi { &[6, 0, 0xFF, 7] } else { &[] };
                login.handle_datagram(&[start, noise].concat(), now);
            }
            let answer = bmc.answer(&datagram).unwrap();
            prop_assert!(login.handle_datagram(&answer, now));
        }
        let mut session = login.poll().unwrap().unwrap();
        for noise in &noise {
            prop_assert!(!matches!(session.open(noise), Opened::Payload(..)));
        }
    }
}

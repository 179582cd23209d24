//! libfate from Rust without any crate: both parties of a training job in one process, by the step interface; a starting point for a
//! binding.
//!
//!     rustc -O two_parties.rs -l fate && ./two_parties DIRECTORY
//!
//! DIRECTORY holds job.json and for each party NAME.key and NAME.csv; each party's model is written to NAME.model.
use std::collections::VecDeque;
use std::ffi::{CStr, CString};
use std::os::raw::c_char;
use std::ptr::{null, null_mut};

/// The functions that are used here, as include/fate declares them.
mod library {
    use std::os::raw::{c_char, c_void};

    macro_rules! opaque { ($($name:ident),*) => { $(#[repr(C)] pub struct $name { _private: [u8; 0] })* } }
    opaque!(Context, Job, Identity, Schema, Table, Session, Event, Model);

    pub const OK: i32 = 0;
    pub const AGAIN: i32 = 1;
    pub const FINISHED: i32 = 2;
    pub const PURPOSE_TRAIN: i32 = 1;
    pub const TABLE_DATA: i32 = 0;
    pub const EVENT_SEND: i32 = 1;
    pub const EVENT_WARNING: i32 = 9;

    extern "C" {
        pub fn fate_result_name(result: i32) -> *const c_char;
        pub fn fate_context_new(context: *mut *mut Context, allocator: *const c_void) -> i32;
        pub fn fate_context_free(context: *mut Context);
        pub fn fate_context_error(context: *const Context) -> *const c_char;
        pub fn fate_job_read(context: *mut Context, job: *mut *mut Job, path: *const c_char) -> i32;
        pub fn fate_job_free(job: *mut Job);
        pub fn fate_job_party_count(job: *const Job) -> u32;
        pub fn fate_job_party_name(job: *const Job, party: u32) -> *const c_char;
        pub fn fate_job_schema(job: *const Job, party: u32, purpose: i32) -> *const Schema;
        pub fn fate_identity_read(context: *mut Context, identity: *mut *mut Identity, path: *const c_char) -> i32;
        pub fn fate_identity_free(identity: *mut Identity);
        pub fn fate_table_read_csv(context: *mut Context, table: *mut *mut Table, path: *const c_char, schema: *const Schema) -> i32;
        pub fn fate_table_free(table: *mut Table);
        pub fn fate_session_new(context: *mut Context, session: *mut *mut Session, job: *const Job, party: *const c_char,
                                identity: *const Identity, purpose: i32) -> i32;
        pub fn fate_session_free(session: *mut Session);
        pub fn fate_session_error(session: *const Session) -> *const c_char;
        pub fn fate_session_set_table(session: *mut Session, which: i32, table: *const Table) -> i32;
        pub fn fate_session_run(session: *mut Session, now: u64, budget: u64) -> i32;
        pub fn fate_session_next(session: *mut Session, event: *mut *const Event) -> i32;
        pub fn fate_session_receive(session: *mut Session, peer: u32, link: u64, bytes: *const u8, length: u64) -> i32;
        pub fn fate_session_model(session: *const Session, model: *mut *mut Model) -> i32;
        pub fn fate_event_kind(event: *const Event) -> i32;
        pub fn fate_event_peer(event: *const Event) -> u32;
        pub fn fate_event_bytes(event: *const Event, length: *mut u64) -> *const u8;
        pub fn fate_event_text(event: *const Event) -> *const c_char;
        pub fn fate_model_write(model: *const Model, path: *const c_char) -> i32;
        pub fn fate_model_free(model: *mut Model);
    }
}

/// A handle that frees itself.
struct Owned<T> {
    handle: *mut T,
    free: unsafe extern "C" fn(*mut T),
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        unsafe { (self.free)(self.handle) }
    }
}

fn text(bytes: *const c_char) -> String {
    unsafe { CStr::from_ptr(bytes) }.to_string_lossy().into_owned()
}

fn failed(code: i32, sentence: *const c_char) -> String {
    format!("{}: {}", text(unsafe { library::fate_result_name(code) }), text(sentence))
}

type Context = Owned<library::Context>;

impl Context {
    fn check(&self, code: i32) -> Result<i32, String> {
        if code < 0 { Err(failed(code, unsafe { library::fate_context_error(self.handle) })) } else { Ok(code) }
    }

    /// What a constructor of the library makes.
    fn make<T>(&self, free: unsafe extern "C" fn(*mut T), new: impl FnOnce(*mut library::Context, *mut *mut T) -> i32) -> Result<Owned<T>, String> {
        let mut handle = null_mut();
        self.check(new(self.handle, &mut handle))?;
        Ok(Owned { handle, free })
    }
}

/// One party with all that it holds; fields are dropped in this order, the session before what it uses.
struct Party {
    session: Owned<library::Session>,
    _table: Owned<library::Table>,
    _identity: Owned<library::Identity>,
    name: String,
    finished: bool,
}

struct Frame {
    from: u32,
    to: u32,
    bytes: Vec<u8>,
}

fn c_text(text: &str) -> CString {
    CString::new(text).expect("a text without zero bytes")
}

impl Party {
    fn join(context: &Context, job: &Owned<library::Job>, directory: &str, number: u32) -> Result<Party, String> {
        let name = text(unsafe { library::fate_job_party_name(job.handle, number) });
        let (key, csv, c_name) = (c_text(&format!("{directory}/{name}.key")), c_text(&format!("{directory}/{name}.csv")), c_text(&name));
        unsafe {
            let identity = context.make(library::fate_identity_free, |c, made| library::fate_identity_read(c, made, key.as_ptr()))?;
            let schema = library::fate_job_schema(job.handle, number, library::PURPOSE_TRAIN);
            let table = context.make(library::fate_table_free, |c, made| library::fate_table_read_csv(c, made, csv.as_ptr(), schema))?;
            let session = context.make(library::fate_session_free, |c, made| {
                library::fate_session_new(c, made, job.handle, c_name.as_ptr(), identity.handle, library::PURPOSE_TRAIN)
            })?;
            let party = Party { session, _table: table, _identity: identity, name, finished: false };
            party.check(library::fate_session_set_table(party.session.handle, library::TABLE_DATA, party._table.handle))?;
            Ok(party)
        }
    }

    fn check(&self, code: i32) -> Result<i32, String> {
        if code < 0 { Err(failed(code, unsafe { library::fate_session_error(self.session.handle) })) } else { Ok(code) }
    }

    /// Lets the party compute, and takes along what it wants to send.
    fn work(&mut self, number: u32, now: u64, frames: &mut VecDeque<Frame>) -> Result<(), String> {
        unsafe {
            if !self.finished {
                self.finished = self.check(library::fate_session_run(self.session.handle, now, 0))? == library::FINISHED;
            }
            let mut event = null();
            while library::fate_session_next(self.session.handle, &mut event) == library::OK {
                match library::fate_event_kind(event) {
                    library::EVENT_SEND => {
                        let mut length = 0;
                        let bytes = library::fate_event_bytes(event, &mut length);
                        let bytes = std::slice::from_raw_parts(bytes, length as usize).to_vec();
                        frames.push_back(Frame { from: number, to: library::fate_event_peer(event), bytes });
                    }
                    library::EVENT_WARNING => eprintln!("{}: {}", self.name, text(library::fate_event_text(event))),
                    _ => {} // store events appear only with the option "durable"; progress and metrics may be shown
                }
            }
        }
        Ok(())
    }

    /// Hands a frame over; false: the window is full, offer it again.
    fn receive(&self, frame: &Frame) -> Result<bool, String> {
        let code = unsafe {
            library::fate_session_receive(self.session.handle, frame.from, 0, frame.bytes.as_ptr(), frame.bytes.len() as u64)
        };
        Ok(self.check(code)? != library::AGAIN)
    }
}

fn run(directory: &str) -> Result<(), String> {
    let mut context = Owned { handle: null_mut(), free: library::fate_context_free };
    if unsafe { library::fate_context_new(&mut context.handle, null()) } != library::OK {
        return Err("no context".to_string());
    }
    let path = c_text(&format!("{directory}/job.json"));
    let job = context.make(library::fate_job_free, |c, made| unsafe { library::fate_job_read(c, made, path.as_ptr()) })?;
    let count = unsafe { library::fate_job_party_count(job.handle) };
    let mut parties = (0..count).map(|i| Party::join(&context, &job, directory, i)).collect::<Result<Vec<_>, _>>()?;

    let (mut frames, mut now) = (VecDeque::new(), 0);
    while parties.iter().any(|party| !party.finished) {
        for (number, party) in parties.iter_mut().enumerate() {
            party.work(number as u32, now, &mut frames)?;
        }
        for frame in std::mem::take(&mut frames) {
            if !parties[frame.to as usize].receive(&frame)? {
                frames.push_back(frame);
            }
        }
        now += 1; // milliseconds of a clock of our own
    }
    for party in &parties {
        let path = c_text(&format!("{directory}/{}.model", party.name));
        let session = party.session.handle;
        let model = context.make(library::fate_model_free, |_, made| unsafe { library::fate_session_model(session, made) })?;
        context.check(unsafe { library::fate_model_write(model.handle, path.as_ptr()) })?;
    }
    Ok(())
}

fn main() {
    let words: Vec<String> = std::env::args().collect();
    if words.len() != 2 {
        eprintln!("usage: two_parties DIRECTORY");
        std::process::exit(2);
    }
    if let Err(sentence) = run(&words[1]) {
        eprintln!("{sentence}");
        std::process::exit(1);
    }
}

// libfate from Go by cgo: both parties of a training job in one process, by the step interface; a starting point for a binding.
//
//	CGO_CFLAGS="$(pkg-config --cflags fate)" CGO_LDFLAGS="$(pkg-config --libs fate)" go build && ./two_parties DIRECTORY
//
// DIRECTORY holds job.json and for each party NAME.key and NAME.csv; each party's model is written to NAME.model.
package main

/*
#include <fate/fate.h>
#include <stdlib.h>
*/
import "C"

import (
	"fmt"
	"os"
	"path/filepath"
	"unsafe"
)

// Error is what the library refused: its code and its sentence.
type Error struct {
	Code     int32
	Sentence string
}

func (e *Error) Error() string {
	return C.GoString(C.fate_result_name(C.int32_t(e.Code))) + ": " + e.Sentence
}

// Context is what everything else is made from.
type Context struct{ handle *C.fate_context }

// check turns a negative result into an error.
func (c Context) check(result C.int32_t) error {
	if result >= 0 {
		return nil
	}
	return &Error{int32(result), C.GoString(C.fate_context_error(c.handle))}
}

// Party is one party of a job, with all that it holds.
type Party struct {
	name     string
	identity *C.fate_identity
	table    *C.fate_table
	session  *C.fate_session
	finished bool
}

func (p *Party) check(result C.int32_t) error {
	if result >= 0 {
		return nil
	}
	return &Error{int32(result), C.GoString(C.fate_session_error(p.session))}
}

// Close frees what the party holds; every free accepts nil.
func (p *Party) Close() {
	C.fate_session_free(p.session)
	C.fate_table_free(p.table)
	C.fate_identity_free(p.identity)
}

// withText hands a Go string to C for the length of a call.
func withText(text string, call func(*C.char) C.int32_t) C.int32_t {
	copied := C.CString(text)
	defer C.free(unsafe.Pointer(copied))
	return call(copied)
}

func join(context Context, job *C.fate_job, directory string, number C.uint32_t) (*Party, error) {
	name := C.fate_job_party_name(job, number)
	p := &Party{name: C.GoString(name)}
	path := filepath.Join(directory, p.name)
	result := withText(path+".key", func(file *C.char) C.int32_t { return C.fate_identity_read(context.handle, &p.identity, file) })
	if result == C.FATE_OK {
		schema := C.fate_job_schema(job, number, C.FATE_PURPOSE_TRAIN)
		result = withText(path+".csv", func(file *C.char) C.int32_t { return C.fate_table_read_csv(context.handle, &p.table, file, schema) })
	}
	if result == C.FATE_OK {
		result = C.fate_session_new(context.handle, &p.session, job, name, p.identity, C.FATE_PURPOSE_TRAIN)
	}
	if err := context.check(result); err != nil {
		p.Close()
		return nil, err
	}
	return p, p.check(C.fate_session_set_table(p.session, C.FATE_TABLE_DATA, p.table))
}

type frame struct {
	from, to C.uint32_t
	bytes    []byte
}

// work lets a party compute, and returns what it wants to send.
func (p *Party) work(number C.uint32_t, now uint64) (frames []frame, err error) {
	if !p.finished {
		result := C.fate_session_run(p.session, C.uint64_t(now), 0)
		p.finished = result == C.FATE_FINISHED
		err = p.check(result)
	}
	var event *C.fate_event
	for C.fate_session_next(p.session, &event) == C.FATE_OK {
		switch C.fate_event_kind(event) {
		case C.FATE_EVENT_SEND:
			var length C.uint64_t
			bytes := C.fate_event_bytes(event, &length)
			frames = append(frames, frame{number, C.fate_event_peer(event), C.GoBytes(unsafe.Pointer(bytes), C.int(length))})
		case C.FATE_EVENT_WARNING:
			fmt.Fprintf(os.Stderr, "%s: %s\n", p.name, C.GoString(C.fate_event_text(event)))
		} // store events appear only with the option "durable"; progress and metrics may be shown
	}
	return frames, err
}

// receive hands a frame over; false: the window is full, offer it again.
func (p *Party) receive(f frame) (bool, error) {
	result := C.fate_session_receive(p.session, f.from, 0, (*C.uint8_t)(unsafe.Pointer(&f.bytes[0])), C.uint64_t(len(f.bytes)))
	return result != C.FATE_AGAIN, p.check(result)
}

// drive runs all parties to their ends, with a clock of its own.
func drive(parties []*Party) error {
	var waiting []frame
	for now, going := uint64(0), true; going; now++ {
		going = false
		for i, party := range parties {
			frames, err := party.work(C.uint32_t(i), now)
			if err != nil {
				return err
			}
			waiting = append(waiting, frames...)
			going = going || !party.finished
		}
		var again []frame
		for _, f := range waiting {
			taken, err := parties[f.to].receive(f)
			if err != nil {
				return err
			}
			if !taken {
				again = append(again, f)
			}
		}
		waiting = again
	}
	return nil
}

func run(directory string) error {
	var context Context
	if result := C.fate_context_new(&context.handle, nil); result != C.FATE_OK {
		return &Error{int32(result), C.GoString(C.fate_result_text(result))}
	}
	defer C.fate_context_free(context.handle)
	var job *C.fate_job
	read := func(file *C.char) C.int32_t { return C.fate_job_read(context.handle, &job, file) }
	if err := context.check(withText(filepath.Join(directory, "job.json"), read)); err != nil {
		return err
	}
	defer C.fate_job_free(job)
	var parties []*Party
	for i := C.uint32_t(0); i < C.fate_job_party_count(job); i++ {
		party, err := join(context, job, directory, i)
		if err != nil {
			return err
		}
		defer party.Close()
		parties = append(parties, party)
	}
	if err := drive(parties); err != nil {
		return err
	}
	for _, party := range parties {
		var model *C.fate_model
		if err := party.check(C.fate_session_model(party.session, &model)); err != nil {
			return err
		}
		write := func(file *C.char) C.int32_t { return C.fate_model_write(model, file) }
		err := context.check(withText(filepath.Join(directory, party.name+".model"), write))
		C.fate_model_free(model)
		if err != nil {
			return err
		}
	}
	return nil
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: two_parties DIRECTORY")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

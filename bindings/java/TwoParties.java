// libfate from Java by JNA: both parties of a training job in one process, by the step interface; a starting point for a binding.
//
//   javac -cp jna.jar TwoParties.java && java -cp jna.jar:. -Djna.library.path=DIRECTORY-OF-LIBFATE TwoParties DIRECTORY
//
// DIRECTORY holds job.json and for each party NAME.key and NAME.csv; each party's model is written to NAME.model.

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

public final class TwoParties {
    /** The functions that are used here, as include/fate declares them. int32_t and uint32_t are int, uint64_t is long. */
    public interface Fate extends Library {
        int OK = 0, AGAIN = 1, FINISHED = 2;
        int PURPOSE_TRAIN = 1, TABLE_DATA = 0;
        int EVENT_SEND = 1, EVENT_WARNING = 9;

        String fate_result_name(int result);
        int fate_context_new(PointerByReference context, Pointer allocator);
        void fate_context_free(Pointer context);
        String fate_context_error(Pointer context);
        int fate_job_read(Pointer context, PointerByReference job, String path);
        void fate_job_free(Pointer job);
        int fate_job_party_count(Pointer job);
        String fate_job_party_name(Pointer job, int party);
        Pointer fate_job_schema(Pointer job, int party, int purpose);
        int fate_identity_read(Pointer context, PointerByReference identity, String path);
        void fate_identity_free(Pointer identity);
        int fate_table_read_csv(Pointer context, PointerByReference table, String path, Pointer schema);
        void fate_table_free(Pointer table);
        int fate_session_new(Pointer context, PointerByReference session, Pointer job, String party, Pointer identity, int purpose);
        void fate_session_free(Pointer session);
        String fate_session_error(Pointer session);
        int fate_session_set_table(Pointer session, int use, Pointer table);
        int fate_session_run(Pointer session, long now, long budget);
        int fate_session_next(Pointer session, PointerByReference event);
        int fate_session_receive(Pointer session, int peer, long link, byte[] bytes, long length);
        int fate_session_model(Pointer session, PointerByReference model);
        int fate_event_kind(Pointer event);
        int fate_event_peer(Pointer event);
        Pointer fate_event_bytes(Pointer event, LongByReference length);
        String fate_event_text(Pointer event);
        int fate_model_write(Pointer model, String path);
        void fate_model_free(Pointer model);
    }

    static final Fate FATE = Native.load("fate", Fate.class);

    /** What the library refused: its code and its sentence. */
    static final class FateException extends RuntimeException {
        FateException(int code, String sentence) {
            super(FATE.fate_result_name(code) + ": " + sentence);
        }
    }

    /** Everything else is made from a context. */
    static final class Context implements AutoCloseable {
        final Pointer handle;

        Context() {
            PointerByReference made = new PointerByReference();
            int code = FATE.fate_context_new(made, null);
            if (code != Fate.OK) throw new FateException(code, "no context");
            handle = made.getValue();
        }

        int check(int code) {
            if (code < 0) throw new FateException(code, FATE.fate_context_error(handle));
            return code;
        }

        interface Constructor {
            int call(Pointer context, PointerByReference made);
        }

        /** What a constructor of the library makes. */
        Pointer make(Constructor constructor) {
            PointerByReference made = new PointerByReference();
            check(constructor.call(handle, made));
            return made.getValue();
        }

        @Override
        public void close() {
            FATE.fate_context_free(handle);
        }
    }

    record Frame(int from, int to, byte[] bytes) {}

    /** One party with all that it holds. */
    static final class Party implements AutoCloseable {
        final String name;
        final Pointer identity, table, session;
        boolean finished;

        Party(Context context, Pointer job, String directory, int number) {
            name = FATE.fate_job_party_name(job, number);
            String path = directory + "/" + name;
            Pointer schema = FATE.fate_job_schema(job, number, Fate.PURPOSE_TRAIN);
            identity = context.make((c, made) -> FATE.fate_identity_read(c, made, path + ".key"));
            table = context.make((c, made) -> FATE.fate_table_read_csv(c, made, path + ".csv", schema));
            session = context.make((c, made) -> FATE.fate_session_new(c, made, job, name, identity, Fate.PURPOSE_TRAIN));
            check(FATE.fate_session_set_table(session, Fate.TABLE_DATA, table));
        }

        int check(int code) {
            if (code < 0) throw new FateException(code, FATE.fate_session_error(session));
            return code;
        }

        /** Lets the party compute, and takes along what it wants to send. */
        void work(int number, long now, Deque<Frame> frames) {
            if (!finished) finished = check(FATE.fate_session_run(session, now, 0)) == Fate.FINISHED;
            PointerByReference event = new PointerByReference();
            while (FATE.fate_session_next(session, event) == Fate.OK) {
                switch (FATE.fate_event_kind(event.getValue())) {
                    case Fate.EVENT_SEND -> {
                        LongByReference length = new LongByReference();
                        Pointer bytes = FATE.fate_event_bytes(event.getValue(), length);
                        frames.add(new Frame(number, FATE.fate_event_peer(event.getValue()), bytes.getByteArray(0, (int) length.getValue())));
                    }
                    case Fate.EVENT_WARNING -> System.err.println(name + ": " + FATE.fate_event_text(event.getValue()));
                    default -> {} // store events appear only with the option "durable"; progress and metrics may be shown
                }
            }
        }

        /** Hands a frame over; false: the window is full, offer it again. */
        boolean receive(Frame frame) {
            return check(FATE.fate_session_receive(session, frame.from(), 0, frame.bytes(), frame.bytes().length)) != Fate.AGAIN;
        }

        void writeModel(Context context, String path) {
            PointerByReference model = new PointerByReference();
            check(FATE.fate_session_model(session, model));
            int code = FATE.fate_model_write(model.getValue(), path);
            FATE.fate_model_free(model.getValue());
            context.check(code);
        }

        @Override
        public void close() {
            FATE.fate_session_free(session);
            FATE.fate_table_free(table);
            FATE.fate_identity_free(identity);
        }
    }

    /** Runs all parties to their ends, with a clock of its own. */
    static void drive(List<Party> parties) {
        Deque<Frame> frames = new ArrayDeque<>();
        for (long now = 0; parties.stream().anyMatch(party -> !party.finished); now++) {
            for (int i = 0; i < parties.size(); i++) parties.get(i).work(i, now, frames);
            for (int left = frames.size(); left > 0; left--) {
                Frame frame = frames.poll();
                if (!parties.get(frame.to()).receive(frame)) frames.add(frame);
            }
        }
    }

    public static void main(String[] words) {
        if (words.length != 1) throw new IllegalArgumentException("usage: TwoParties DIRECTORY");
        try (Context context = new Context()) {
            Pointer job = context.make((c, made) -> FATE.fate_job_read(c, made, words[0] + "/job.json"));
            List<Party> parties = new ArrayList<>();
            try {
                for (int i = 0; i < FATE.fate_job_party_count(job); i++) parties.add(new Party(context, job, words[0], i));
                drive(parties);
                for (Party party : parties) party.writeModel(context, words[0] + "/" + party.name + ".model");
            } finally {
                parties.forEach(Party::close);
                FATE.fate_job_free(job);
            }
        }
    }
}

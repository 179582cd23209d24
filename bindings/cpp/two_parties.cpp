// libfate from C++11: both parties of a training job in one process, by the step interface; a starting point for a binding.
//
//   c++ -std=c++11 two_parties.cpp $(pkg-config --cflags --libs fate) -o two_parties && ./two_parties DIRECTORY
//
// DIRECTORY holds job.json and for each party NAME.key and NAME.csv; each party's model is written to NAME.model.
#include <fate/fate.h>

#include <cstdio>
#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

// A handle is freed when it goes out of scope: Owned<fate_job, fate_job_free>.
template <typename T, void (*release)(T *)> struct Release {
    void operator()(T *object) const { release(object); }
};
template <typename T, void (*release)(T *)> using Owned = std::unique_ptr<T, Release<T, release>>;

using Context = Owned<fate_context, fate_context_free>;
using Job = Owned<fate_job, fate_job_free>;
using Identity = Owned<fate_identity, fate_identity_free>;
using Table = Owned<fate_table, fate_table_free>;
using Model = Owned<fate_model, fate_model_free>;
using Session = Owned<fate_session, fate_session_free>;

// What the library refused: its code and its sentence.
struct Error : std::runtime_error {
    Error(int32_t code, const char *sentence) : std::runtime_error(std::string(fate_result_name(code)) + ": " + sentence), code(code) {}
    int32_t code;
};

// Returns a result that is no error; throws any other.
static int32_t check(const Context &context, int32_t result)
{
    if (result < 0) throw Error(result, fate_context_error(context.get()));
    return result;
}

static int32_t check(const Session &session, int32_t result)
{
    if (result < 0) throw Error(result, fate_session_error(session.get()));
    return result;
}

// The object that a constructor of the library makes: make<Job>(context, fate_job_read, "job.json").
template <typename Object, typename Function, typename... Arguments>
static Object make(const Context &context, Function function, Arguments... arguments)
{
    typename Object::pointer made = nullptr;
    check(context, function(context.get(), &made, arguments...));
    return Object(made);
}

struct Frame {
    uint32_t from, to;
    std::vector<uint8_t> bytes;
};

struct Party {
    std::string name;
    Identity identity;
    Table table;
    Session session; // declared last: freed before what it uses
    bool is_finished;
};

static Party join(const Context &context, const Job &job, const std::string &directory, uint32_t number)
{
    Party party{fate_job_party_name(job.get(), number), {}, {}, {}, false};
    const std::string path = directory + "/" + party.name;
    party.identity = make<Identity>(context, fate_identity_read, (path + ".key").c_str());
    party.table = make<Table>(context, fate_table_read_csv, (path + ".csv").c_str(), fate_job_schema(job.get(), number, FATE_PURPOSE_TRAIN));
    party.session = make<Session>(context, fate_session_new, job.get(), party.name.c_str(), party.identity.get(), int32_t{FATE_PURPOSE_TRAIN});
    check(party.session, fate_session_set_table(party.session.get(), FATE_TABLE_DATA, party.table.get()));
    return party;
}

// Lets a party work, and takes along what it wants to send.
static void work(Party &party, uint32_t number, uint64_t now, std::deque<Frame> &frames)
{
    if (!party.is_finished) party.is_finished = check(party.session, fate_session_run(party.session.get(), now, 0)) == FATE_FINISHED;
    const fate_event *event = nullptr;
    while (fate_session_next(party.session.get(), &event) == FATE_OK) {
        if (fate_event_kind(event) == FATE_EVENT_SEND) {
            uint64_t length = 0;
            const uint8_t *bytes = fate_event_bytes(event, &length);
            frames.push_back(Frame{number, fate_event_peer(event), std::vector<uint8_t>(bytes, bytes + length)});
        } else if (fate_event_kind(event) == FATE_EVENT_WARNING) {
            std::fprintf(stderr, "%s: %s\n", party.name.c_str(), fate_event_text(event));
        } // store events appear only with the option "durable"; progress and metrics may be shown
    }
}

// Hands over the frames that wait; what a full window does not take stays.
static void deliver(std::vector<Party> &parties, std::deque<Frame> &frames)
{
    for (size_t left = frames.size(); left > 0; left--) {
        Frame frame = std::move(frames.front());
        frames.pop_front();
        const Session &session = parties[frame.to].session;
        if (check(session, fate_session_receive(session.get(), frame.from, 0, frame.bytes.data(), frame.bytes.size())) == FATE_AGAIN)
            frames.push_back(std::move(frame));
    }
}

static void run(const std::string &directory)
{
    fate_context *made = nullptr;
    if (fate_context_new(&made, nullptr) != FATE_OK) throw std::bad_alloc();
    const Context context(made);
    const Job job = make<Job>(context, fate_job_read, (directory + "/job.json").c_str());
    std::vector<Party> parties;
    for (uint32_t i = 0; i < fate_job_party_count(job.get()); i++) parties.push_back(join(context, job, directory, i));

    std::deque<Frame> frames;
    bool going = true;
    for (uint64_t now = 0; going; now++) { // milliseconds of a clock of our own
        going = false;
        for (uint32_t i = 0; i < parties.size(); i++) {
            work(parties[i], i, now, frames);
            going = going || !parties[i].is_finished;
        }
        deliver(parties, frames);
    }
    for (const Party &party : parties) {
        fate_model *model = nullptr;
        check(party.session, fate_session_model(party.session.get(), &model));
        check(context, fate_model_write(Model(model).get(), (directory + "/" + party.name + ".model").c_str()));
    }
}

int main(int argc, char **argv)
{
    if (argc != 2) return std::fprintf(stderr, "usage: two_parties DIRECTORY\n"), 2;
    try {
        run(argv[1]);
    } catch (const std::exception &error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
    return 0;
}

/* Contents of sealed frames: every decoder of control.h on any bytes. */
#include <stddef.h>
#include <stdint.h>

#include "src/session/control.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fate_context *context;
    struct hello hello;
    struct acknowledgement acknowledgement;
    struct signed_head head;
    char sentence[CONTROL_SENTENCE];
    uint64_t number, length;
    uint32_t message;
    int32_t code;
    bool flag;
    const uint8_t *payload;
    if (context_new(&context, NULL) != FATE_OK) return 0;
    (void)control_read_hello(context, &hello, data, size);
    hello_free(context, &hello);
    (void)control_read_abort(context, &code, sentence, data, size);
    (void)control_read_record(data, size, &number, &message, &flag, &payload, &length);
    (void)control_read_acknowledgement(data, size, &acknowledgement);
    (void)control_read_ping(data, size, &number, &flag);
    (void)control_read_head(data, size, &head);
    (void)control_read_seal(data, size, &head);
    fate_context_free(context);
    return 0;
}

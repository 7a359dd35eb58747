/* Reads numbers from its socket `numbers`, sends each doubled to its socket `doubled`. Compile with -lzmq.

   It knows its addresses by its environment alone, as any program under `command:` does. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

/* Binds or connects a socket to every address in an environment variable; addresses have spaces between. */
static void attach(void *socket, const char *variable, int (*how)(void *, const char *)) {
    const char *addresses = getenv(variable);
    if (!addresses)
        return;
    char *copy = strdup(addresses);
    for (char *address = strtok(copy, " "); address; address = strtok(NULL, " "))
        if (how(socket, address) != 0) {
            fprintf(stderr, "%s: %s: %s\n", variable, address, zmq_strerror(zmq_errno()));
            exit(1);
        }
    free(copy);
}

int main(void) {
    void *context = zmq_ctx_new();
    void *numbers = zmq_socket(context, ZMQ_PULL);
    void *doubled = zmq_socket(context, ZMQ_PUSH);
    attach(doubled, "ZMQ_DOUBLED_BIND", zmq_bind);
    attach(doubled, "ZMQ_DOUBLED_CONNECT", zmq_connect);
    attach(numbers, "ZMQ_NUMBERS_BIND", zmq_bind);
    attach(numbers, "ZMQ_NUMBERS_CONNECT", zmq_connect);
    printf("%s of %s relays\n", getenv("ORCHESTRATOR_PROCESS"), getenv("ORCHESTRATOR_MESH"));
    fflush(stdout);

    char text[32];
    for (;;) {
        int length = zmq_recv(numbers, text, sizeof text - 1, 0);
        if (length < 0)
            return 1;
        text[length] = '\0';
        length = snprintf(text, sizeof text, "%ld", 2 * strtol(text, NULL, 10));
        zmq_send(doubled, text, length, 0);
    }
}

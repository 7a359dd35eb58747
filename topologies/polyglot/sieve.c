/* Reads numbers, and sends each on with its verdict: "7 prime", "8 composite". Compile with -lzmq.

   Where to bind and connect stands in its environment; all else is plain libzmq. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

/* Makes a socket and joins it with every address in two environment variables; addresses have spaces between. */
static void *joined(void *context, int type, const char *bind, const char *connect) {
    void *socket = zmq_socket(context, type);
    const char *variables[] = {bind, connect};
    for (int i = 0; i < 2; i++) {
        const char *addresses = getenv(variables[i]);
        char *copy = strdup(addresses ? addresses : "");
        for (char *address = strtok(copy, " "); address; address = strtok(NULL, " "))
            if ((i == 0 ? zmq_bind : zmq_connect)(socket, address) != 0) {
                fprintf(stderr, "%s: %s: %s\n", variables[i], address, zmq_strerror(zmq_errno()));
                exit(1);
            }
        free(copy);
    }
    return socket;
}

static int prime(long number) {
    for (long divisor = 2; divisor * divisor <= number; divisor++)
        if (number % divisor == 0)
            return 0;
    return number > 1;
}

int main(void) {
    void *context = zmq_ctx_new();
    void *verdicts = joined(context, ZMQ_PUSH, "ZMQ_VERDICTS_BIND", "ZMQ_VERDICTS_CONNECT");
    void *numbers = joined(context, ZMQ_PULL, "ZMQ_NUMBERS_BIND", "ZMQ_NUMBERS_CONNECT");
    printf("%s sieves\n", getenv("ORCHESTRATOR_PROCESS"));
    fflush(stdout);

    char text[64];
    for (;;) {
        int length = zmq_recv(numbers, text, 32, 0);
        if (length < 0 || length > 32)
            return 1;
        text[length] = '\0';
        strcat(text, prime(strtol(text, NULL, 10)) ? " prime" : " composite");
        zmq_send(verdicts, text, strlen(text), 0);
    }
}

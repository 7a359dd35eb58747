/* Sends or receives COUNT messages of SIZE bytes: batch_program send|receive ADDRESS COUNT SIZE FRAME.
   With FRAME 0 one by one, else as batch/1 with so many in a frame. Prints the time of its first send, or of its last
   receive (CLOCK_MONOTONIC, nanoseconds). Sender binds. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

static int64_t now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * 1000000000LL + at.tv_nsec;
}

int main(int argc, char **argv) {
    if (argc != 6) return 2;
    int sends = !strcmp(argv[1], "send"), unlimited = 0;
    long count = atol(argv[3]);
    uint32_t size = atoi(argv[4]), frame = atoi(argv[5]);
    void *context = zmq_ctx_new(), *socket = zmq_socket(context, sends ? ZMQ_PUSH : ZMQ_PULL);
    zmq_setsockopt(socket, ZMQ_SNDHWM, &unlimited, sizeof unlimited);
    zmq_setsockopt(socket, ZMQ_RCVHWM, &unlimited, sizeof unlimited);
    if (sends ? zmq_bind(socket, argv[2]) : zmq_connect(socket, argv[2])) return 1;
    if (sends) {
        char *body = calloc(1, size), *packed = malloc(8 + (size_t)size * (frame ? frame : 1));
        zmq_pollitem_t item = {socket, 0, ZMQ_POLLOUT, 0};
        zmq_poll(&item, 1, -1);
        int64_t begin = now();
        for (long at = 0; at < count; at += frame ? frame : 1) {
            if (!frame) {
                zmq_send(socket, body, size, 0);
                continue;
            }
            uint32_t head[2] = {frame | 0x80000000u, size};
            memcpy(packed, head, 8);
            for (uint32_t each = 0; each < frame; each++) memcpy(packed + 8 + (size_t)each * size, body, size);
            zmq_send(socket, packed, 8 + (size_t)frame * size, 0);
        }
        printf("%lld\n", (long long)begin);
    } else {
        long seen = 0;
        char *copy = malloc(size);
        while (seen < count) {
            zmq_msg_t message;
            zmq_msg_init(&message);
            if (zmq_msg_recv(&message, socket, 0) < 0) continue;
            char *data = zmq_msg_data(&message);
            if (frame) {
                uint32_t head[2];
                memcpy(head, data, 8);
                for (uint32_t each = 0; each < (head[0] & 0x7fffffffu); each++, seen++)
                    memcpy(copy, data + 8 + (size_t)each * size, size);
            } else {
                memcpy(copy, data, size);
                seen++;
            }
            zmq_msg_close(&message);
        }
        printf("%lld\n", (long long)now());
    }
    fflush(stdout);
    zmq_close(socket);
    zmq_ctx_term(context);
    return 0;
}

# learn.awk: gradient descent on three taps that undo the loss of every second sample (stride 2, padding 1).
# The signal z is first-order autoregressive: neighbours correlate by 0.9. Prints step, loss and taps, every so many steps.
BEGIN {
    if (every == "") every = 50
    N = 4000; s = 2; k = 3; p = 1; seed = 1
    for (n = 0; n < s * N; n++) {
        noise = 0
        for (j = 0; j < 12; j++) { seed = (seed * 16807) % 2147483647; noise += seed / 2147483647 }
        z[n] = 0.9 * z[n - 1] + (noise - 6) * sqrt(1 - 0.81)
    }
    w[0] = 0.1; w[1] = -0.3; w[2] = 0.2                        # any beginning will do
    for (step = 0; step <= 200; step++) {
        for (n = 0; n < s * N; n++) e[n] = -z[n]
        for (i = 0; i < N; i++) for (r = 0; r < k; r++) e[s*i + r - p] += z[s*i] * w[r]      # y = C^T x, less the target
        loss = 0
        for (n = 0; n < s * N; n++) loss += e[n] * e[n] / (s * N)
        if (step % every == 0) printf "%4d  loss %.4f  taps %.3f %.3f %.3f\n", step, loss, w[0], w[1], w[2]
        for (r = 0; r < k; r++) {
            gradient = 0
            for (i = 0; i < N; i++) gradient += z[s*i] * e[s*i + r - p]                      # dL/dw[r]
            w[r] -= 0.5 * gradient / N
        }
    }
}

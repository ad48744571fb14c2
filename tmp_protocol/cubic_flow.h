#pragma once
// One CUBIC flow's window (RFC 9438), in packets and seconds: what one TCP connection beside the link does.

namespace ringway::tmp {

struct CubicFlow {
  double window = 0;      // packets
  double max_window = 0;  // W_max: where the last back-off happened; 0 before the first
  double prior = 0;       // the window just before the last back-off
  double estimate = 0;    // W_est: what Reno would have
  double origin = 0;      // seconds of the growth clock at which the epoch began
  double span = 0;        // K: seconds from there back to max_window
  bool in_epoch = false;
  bool lossless = false;  // since it began: grows as TCP does until then

  /// `packets` of this flow (a share of a batch, so not whole) are acknowledged at `now` seconds.
  void on_ack(double packets, double now, double rtt);
  /// Multiplicative decrease, not below `least` packets; the next acknowledgement begins an epoch.
  void back_off(double least);
  /// The flow stands for `factor` times as much from now on.
  void scale(double factor);
};

}  // namespace ringway::tmp

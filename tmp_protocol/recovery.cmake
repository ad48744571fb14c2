# The sources of loss recovery and congestion control, in the order of the data.
set(RECOVERY_SOURCES ack_ranges.cpp ack_tracker.cpp rtt_estimator.cpp sent_packets.cpp loss_detection.cpp delivery_rate.cpp
  path_queue.cpp noise_tolerance.cpp cubic_flow.cpp hystart.cpp virtual_flow_ensemble.cpp delay_bound.cpp hosted_counter.cpp
  crowd_limit.cpp pacer.cpp mtu_discovery.cpp link_quality.cpp recovery.cpp)

ringway_test(tmp_recovery_test
  SOURCES ack_tracker_test.cpp rtt_estimator_test.cpp sent_packets_test.cpp loss_detection_test.cpp path_queue_test.cpp
    virtual_flow_ensemble_test.cpp delay_bound_test.cpp hosted_counter_test.cpp crowd_limit_test.cpp pacer_test.cpp mtu_discovery_test.cpp
    link_quality_test.cpp recovery_test.cpp bottleneck_simulation.cpp congestion_test.cpp
  USES tmp_protocol)

ringway_test(tmp_recovery_test
  SOURCES ack_tracker_test.cpp rtt_estimator_test.cpp sent_packets_test.cpp loss_detection_test.cpp
  USES tmp_protocol)

# Streams and the ring blender.
ringway_test(tmp_streams_test
  SOURCES interval_set_test.cpp id_index_test.cpp send_buffer_test.cpp reassembly_test.cpp flow_control_test.cpp
    stream_table_test.cpp ring_blender_test.cpp naive_blender.cpp ring_blender_model_test.cpp stream_set_test.cpp
    stream_set_contract_test.cpp stalled_readers_test.cpp
  USES tmp_protocol)

# Streams and the ring blender.
ringway_test(tmp_streams_test
  SOURCES stream_set_test.cpp
  USES tmp_protocol)

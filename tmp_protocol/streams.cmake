# The sources of streams and the ring blender, in the order of the data.
set(STREAMS_SOURCES interval_set.cpp id_index.cpp send_buffer.cpp reassembly.cpp flow_control.cpp stream_state.cpp
  stream.cpp stream_table.cpp ring_turns.cpp ring_blender.cpp stream_set.cpp stream_set_frames.cpp stream_handle.cpp)

# The sources of the connection and the endpoint, in the order of the data.
set(CONNECTION_SOURCES endpoint.cpp endpoint_core.cpp endpoint_receive.cpp endpoint_link.cpp connection.cpp
  connection_receive.cpp connection_send.cpp connection_streams.cpp connection_timers.cpp handshake_space.cpp
  handshake.cpp link_keys.cpp path.cpp)

# Packets, frames, keys and the handshake.
ringway_test(tmp_wire_test
  SOURCES varint_test.cpp crypto_test.cpp connection_id_test.cpp packet_test.cpp packet_protection_test.cpp
    replay_window_test.cpp frame_test.cpp link_parameters_test.cpp identity_test.cpp address_validation_test.cpp
    tls_peer_test.cpp wire_vectors_test.cpp wire_support.cpp
  USES tmp_protocol)

# The sources of packets, frames, keys and the handshake, in the order of the data.
set(WIRE_SOURCES version.cpp crypto.cpp aead_ipsec_mb.cpp connection_id.cpp packet.cpp packet_protection.cpp replay_window.cpp frame.cpp
  frame_reader.cpp frame_writer.cpp link_parameters.cpp openssl_handles.cpp identity.cpp identity_maker.cpp
  address_validation.cpp tls_peer.cpp openssl_random.cpp)

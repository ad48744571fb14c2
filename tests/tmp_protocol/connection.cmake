# Connections and endpoints: whole links over the simulated network.
ringway_test(tmp_connection_test
  SOURCES link_test.cpp link_life_test.cpp link_door_test.cpp path_test.cpp link_pair.cpp
    ${PROJECT_SOURCE_DIR}/tests/sim/network.cpp ${PROJECT_SOURCE_DIR}/tests/sim/identities.cpp
    ${PROJECT_SOURCE_DIR}/tests/sim/talkers.cpp ${PROJECT_SOURCE_DIR}/tests/sim/machine.cpp
  USES tmp_protocol)

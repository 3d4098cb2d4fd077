# Real processes under libaliquot.so on the simulated driver.
add_executable(probe probe.c)
target_include_directories(probe PRIVATE ../limiter)
target_link_libraries(probe PRIVATE ${CMAKE_DL_LIBS} Threads::Threads)
add_executable(smi smi.c)
target_link_libraries(smi PRIVATE ${CMAKE_DL_LIBS})
add_executable(node_host node_host.c)
target_link_libraries(node_host PRIVATE aliquot-node-test)

foreach(case interposes alone copies missed contexts view view-alone settings usage-errors shares hard-ceiling killed-tenant killed-agent)
    add_test(NAME preload-${case} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/preload_test.sh ${case} ${ALIQUOT_NATIVE_OUT}
                                          ${CMAKE_CURRENT_BINARY_DIR})
    # they measure time: one at a time
    set_tests_properties(preload-${case} PROPERTIES TIMEOUT 120 RUN_SERIAL ON)
endforeach()

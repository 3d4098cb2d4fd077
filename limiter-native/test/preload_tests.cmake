# Real processes under libaliquot.so on the simulated driver.
add_executable(probe probe.c)
target_include_directories(probe PRIVATE ../limiter)
target_link_libraries(probe PRIVATE ${CMAKE_DL_LIBS} Threads::Threads)
add_executable(node_host node_host.c)
target_link_libraries(node_host PRIVATE aliquot-node-test)

set(PRELOAD_CASES interposes alone copies missed contexts usage-errors shares hard-ceiling)
if(NOT CMAKE_CROSSCOMPILING_EMULATOR) # qemu-user tells nobody of a dead thread's locks, and is late at times
    list(APPEND PRELOAD_CASES killed-tenant killed-agent helper)
endif()
foreach(case ${PRELOAD_CASES})
    add_test(NAME preload-${case} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/preload_test.sh ${case} ${ALIQUOT_TEST_NATIVE}
                                          ${ALIQUOT_TEST_TOOLS})
    # they measure time: one at a time
    set_tests_properties(preload-${case} PROPERTIES TIMEOUT 120 RUN_SERIAL ON)
endforeach()
if(CMAKE_CROSSCOMPILING_EMULATOR)
    return()
endif()
add_test(NAME preload-stress COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/stress_test.sh ${ALIQUOT_TEST_NATIVE}
                                     ${ALIQUOT_TEST_TOOLS} 10)
set_tests_properties(preload-stress PROPERTIES TIMEOUT 120 RUN_SERIAL ON)

# The benchmarks run; their figures are for people.
set(BENCH ${CMAKE_CURRENT_SOURCE_DIR}/../../bench)
add_test(NAME launch-cost COMMAND ${BENCH}/launch-cost.sh --launches 1000 --repeats 1 ${ALIQUOT_NATIVE_OUT})
set_tests_properties(launch-cost PROPERTIES TIMEOUT 60 ENVIRONMENT CC=${CMAKE_C_COMPILER})

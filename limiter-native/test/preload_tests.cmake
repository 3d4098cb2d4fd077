# Real processes under libaliquot.so on the simulated driver.
add_executable(probe probe.c)
target_include_directories(probe PRIVATE ../limiter)
target_link_libraries(probe PRIVATE ${CMAKE_DL_LIBS} Threads::Threads)
add_executable(smi smi.c)
target_link_libraries(smi PRIVATE ${CMAKE_DL_LIBS})
add_executable(kinds kinds.c)
target_link_libraries(kinds PRIVATE ${CMAKE_DL_LIBS})
add_executable(life life.c)
target_link_libraries(life PRIVATE ${CMAKE_DL_LIBS} Threads::Threads)
add_executable(race race.c)
target_link_libraries(race PRIVATE aliquot_sim_core ${CMAKE_DL_LIBS} Threads::Threads)
add_executable(node_host node_host.c)
target_link_libraries(node_host PRIVATE aliquot-node-test)

# preload_case(SCRIPT CASE...): each case a test; they measure time, so one runs at a time
function(preload_case script)
    foreach(case ${ARGN})
        add_test(NAME ${script}-${case} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/${script}_test.sh ${case} ${ALIQUOT_TEST_NATIVE}
                                                ${ALIQUOT_TEST_TOOLS})
        set_tests_properties(${script}-${case} PROPERTIES TIMEOUT 120 RUN_SERIAL ON)
    endforeach()
endfunction()
preload_case(preload interposes alone copies missed contexts metered settings usage-errors shares hard-ceiling)
preload_case(memory race-alone kinds shown limit-lowered)
if(CMAKE_CROSSCOMPILING_EMULATOR) # qemu-user tells nobody of a dead thread's locks, and is late at times
    return()
endif()
preload_case(preload view view-alone paths gang killed-tenant killed-agent ahead helper)
preload_case(memory race)
preload_case(life fork clone reopen threads exec vfork killed environment namespace chroot agent-restarted bystander)
add_test(NAME preload-stress COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/stress_test.sh ${ALIQUOT_TEST_NATIVE}
                                     ${ALIQUOT_TEST_TOOLS} 10)
set_tests_properties(preload-stress PROPERTIES TIMEOUT 120 RUN_SERIAL ON)

# The benchmarks run; their figures are for people.
set(BENCH ${CMAKE_CURRENT_SOURCE_DIR}/../../bench)
add_test(NAME launch-cost COMMAND ${BENCH}/launch-cost.sh --launches 1000 --repeats 1 ${ALIQUOT_NATIVE_OUT})
set_tests_properties(launch-cost PROPERTIES TIMEOUT 60 ENVIRONMENT CC=${CMAKE_C_COMPILER})

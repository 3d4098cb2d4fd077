# Tests of the simulated driver and NVML. Included by this folder's CMakeLists.txt.

set(SIM_DIR ${CMAKE_CURRENT_LIST_DIR}/../sim)

# The pure timeline: also under sanitizers.
add_executable(sim_timeline_test ${CMAKE_CURRENT_LIST_DIR}/sim_timeline_test.c ${SIM_DIR}/timeline.c)
target_include_directories(sim_timeline_test PRIVATE ${SIM_DIR})
target_compile_options(sim_timeline_test PRIVATE ${ALIQUOT_SANITIZE_OPTIONS})
target_link_options(sim_timeline_test PRIVATE ${ALIQUOT_SANITIZE_OPTIONS})
target_link_libraries(sim_timeline_test PRIVATE cmocka)
add_test(NAME sim_timeline_test COMMAND sim_timeline_test)
set_tests_properties(sim_timeline_test PROPERTIES TIMEOUT 60)

# Real processes on one simulated GPU, each test on its own.
if(NOT ALIQUOT_SANITIZE)
  foreach(name driver process)
    add_executable(sim_${name}_test ${CMAKE_CURRENT_LIST_DIR}/sim_${name}_test.c)
    target_link_libraries(sim_${name}_test PRIVATE aliquot_sim_cuda aliquot_sim_nvml aliquot_sim_core cmocka)
    add_test(NAME sim_${name}_test COMMAND sim_${name}_test)
    set_tests_properties(sim_${name}_test PROPERTIES TIMEOUT 120
                         ENVIRONMENT "ALIQUOT_SIM=${CMAKE_CURRENT_BINARY_DIR}/sim_${name}_test.state")
    if(CMAKE_CROSSCOMPILING_EMULATOR)
      set_property(TEST sim_${name}_test APPEND PROPERTY ENVIRONMENT ALIQUOT_EMULATED=1)
    endif()
  endforeach()
endif()

# Where a toolkit is present, aliquot_cuda.h is held against its cuda.h.
find_path(ALIQUOT_CUDA_INCLUDE cuda.h PATHS /usr/local/cuda/include $ENV{CUDA_HOME}/include)
if(ALIQUOT_CUDA_INCLUDE)
  file(STRINGS ${ALIQUOT_CUDA_INCLUDE}/cuda.h CUDA_VERSION_LINE REGEX "#define CUDA_VERSION ")
  string(REGEX MATCH "[0-9]+" CUDA_HEADER_VERSION "${CUDA_VERSION_LINE}")
endif()
if(ALIQUOT_CUDA_INCLUDE AND CUDA_HEADER_VERSION GREATER_EQUAL 13000)
  add_library(sim_cuda_abi_toolkit OBJECT ${CMAKE_CURRENT_LIST_DIR}/sim_cuda_abi.c)
  target_compile_definitions(sim_cuda_abi_toolkit PRIVATE ABI_TOOLKIT)
  target_compile_options(sim_cuda_abi_toolkit PRIVATE -Wno-deprecated-declarations)
  target_include_directories(sim_cuda_abi_toolkit PRIVATE ${CMAKE_CURRENT_LIST_DIR}/../include)
  target_include_directories(sim_cuda_abi_toolkit SYSTEM PRIVATE ${ALIQUOT_CUDA_INCLUDE})
  add_executable(sim_cuda_abi ${CMAKE_CURRENT_LIST_DIR}/sim_cuda_abi.c $<TARGET_OBJECTS:sim_cuda_abi_toolkit>)
  target_include_directories(sim_cuda_abi PRIVATE ${CMAKE_CURRENT_LIST_DIR}/../include)
  add_test(NAME sim_cuda_abi COMMAND sim_cuda_abi)
endif()

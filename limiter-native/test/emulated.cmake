# Programs of another architecture behind scripts of their names, so that whoever starts one gets it under the emulator. Sets
# ALIQUOT_TEST_NATIVE and ALIQUOT_TEST_TOOLS, the folders that tests take programs from.
if(NOT CMAKE_CROSSCOMPILING_EMULATOR)
    set(ALIQUOT_TEST_NATIVE ${ALIQUOT_NATIVE_OUT})
    set(ALIQUOT_TEST_TOOLS ${CMAKE_CURRENT_BINARY_DIR})
    return()
endif()
set(ALIQUOT_TEST_NATIVE ${CMAKE_BINARY_DIR}/emulated/native)
set(ALIQUOT_TEST_TOOLS ${CMAKE_BINARY_DIR}/emulated/tools)

# emulate(FOLDER FROM PROGRAMS...)
function(emulate folder from)
    file(MAKE_DIRECTORY ${folder})
    foreach(program ${ARGN})
        file(WRITE ${folder}/${program} "#!/bin/sh\nexec ${CMAKE_CROSSCOMPILING_EMULATOR} ${from}/${program} \"$@\"\n")
        file(CHMOD ${folder}/${program} PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
    endforeach()
endfunction()

emulate(${ALIQUOT_TEST_NATIVE} ${ALIQUOT_NATIVE_OUT} aliquot-run aliquot-tenant)
emulate(${ALIQUOT_TEST_TOOLS} ${CMAKE_CURRENT_BINARY_DIR} probe smi kinds race node_host)
foreach(library libaliquot.so libaliquot-node.so sim)
    file(CREATE_LINK ${ALIQUOT_NATIVE_OUT}/${library} ${ALIQUOT_TEST_NATIVE}/${library} SYMBOLIC)
endforeach()

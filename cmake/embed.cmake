# Turns a folder's files into one C++ source: cmake -D FOLDER=… -D OUTPUT=… -P embed.cmake
# Each file becomes a raw string beside its type and the hash of its content (manager/rest/asset_api.h).

set(TYPE_html "text/html; charset=utf-8")
set(TYPE_css "text/css; charset=utf-8")
set(TYPE_js "text/javascript; charset=utf-8")
set(TYPE_svg "image/svg+xml")

file(GLOB files ${FOLDER}/*.css ${FOLDER}/*.html ${FOLDER}/*.js ${FOLDER}/*.svg)
list(SORT files)
set(rows "")
foreach(file ${files})
  get_filename_component(name ${file} NAME)
  get_filename_component(extension ${file} LAST_EXT)
  string(SUBSTRING "${extension}" 1 -1 extension)
  file(READ ${file} content)
  file(SHA256 ${file} hash)
  string(SUBSTRING ${hash} 0 32 hash)
  string(APPEND rows "    {\"${name}\", \"${TYPE_${extension}}\", \"\\\"${hash}\\\"\", R\"embedded(${content})embedded\"},\n")
endforeach()

file(WRITE ${OUTPUT} "// Made by cmake/embed.cmake.
#include \"manager/rest/asset_api.h\"

namespace ringway::manager {

namespace {
constexpr Asset kAssets[] = {
${rows}};
}  // namespace

std::span<const Asset> dashboard_assets() { return kAssets; }

}  // namespace ringway::manager
")

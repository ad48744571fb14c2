// Boost.JSON itself, which is in its headers.

#include <boost/json/src.hpp>

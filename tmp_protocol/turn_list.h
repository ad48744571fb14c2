#pragma once
// Lists of things that take turns, linked through the things themselves: every step is O(1) and allocates nothing.

#include <cassert>

namespace ringway::tmp {

template <class T>
struct TurnLink {
  T* previous = nullptr;  // null while in no list
  T* next = nullptr;
};

/// A ring of T linked by its member `kLink`; front() is the one whose turn it is. Owns nothing.
template <class T, TurnLink<T> T::*kLink>
class TurnList {
 public:
  [[nodiscard]] bool empty() const { return front_ == nullptr; }
  [[nodiscard]] T* front() const { return front_; }
  /// The one after `item`; after the last comes the first.
  [[nodiscard]] T* next(const T& item) const { return (item.*kLink).next; }
  [[nodiscard]] static bool linked(const T& item) { return (item.*kLink).next != nullptr; }

  void push_back(T& item) {
    assert(!linked(item));
    TurnLink<T>& link = item.*kLink;
    if (front_ == nullptr) {
      link.previous = link.next = front_ = &item;
      return;
    }
    link.next = front_;
    link.previous = (front_->*kLink).previous;
    (link.previous->*kLink).next = &item;
    (front_->*kLink).previous = &item;
  }

  /// `item` is in this list.
  void remove(T& item) {
    TurnLink<T>& link = item.*kLink;
    if (link.next == &item) {
      front_ = nullptr;
    } else {
      (link.previous->*kLink).next = link.next;
      (link.next->*kLink).previous = link.previous;
      if (front_ == &item) front_ = link.next;
    }
    link = {};
  }

  /// The front goes to the back.
  void turn() { front_ = (front_->*kLink).next; }

 private:
  T* front_ = nullptr;
};

}  // namespace ringway::tmp

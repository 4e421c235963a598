#pragma once

#include <cstddef>
#include <new>

namespace reprise::internal {

#if defined(__SANITIZE_ADDRESS__)
#define REPRISE_RECYCLES 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define REPRISE_RECYCLES 0
#else
#define REPRISE_RECYCLES 1
#endif
#else
#define REPRISE_RECYCLES 1
#endif

/// Keeps the freed blocks of one size for the next allocation of that size, per thread.
///
/// A run makes and drops the same few kinds of small shared objects by the hundred; a third of its
/// time went to the general allocator.  Under AddressSanitizer every block is a fresh one.
template <std::size_t kSize>
class Recycler {
 public:
  static void* allocate() {
    List& list = free_list();
    if (list.head == nullptr) return ::operator new(kSize);
    Block* const block = list.head;
    list.head = block->next;
    --list.count;
    return block;
  }

  static void release(void* memory) {
    List& list = free_list();
    if (!REPRISE_RECYCLES || list.closed || list.count >= kKeptMax) {
      ::operator delete(memory);
      return;
    }
    static thread_local const Closer closer(list);
    list.head = new (memory) Block{list.head};
    ++list.count;
  }

 private:
  static constexpr std::size_t kKeptMax = 1U << 16U;
  static_assert(kSize >= sizeof(void*));

  struct Block {
    Block* next;
  };
  // No destructor: statics of other files may release blocks after this thread's objects are gone.
  struct List {
    Block* head = nullptr;
    std::size_t count = 0;
    bool closed = false;
  };
  struct Closer {
    explicit Closer(List& owned) : list(owned) {}
    Closer(const Closer&) = delete;
    ~Closer() {
      list.closed = true;
      while (list.head != nullptr) {
        Block* const block = list.head;
        list.head = block->next;
        ::operator delete(block);
      }
    }
    List& list;
  };

  static List& free_list() {
    static constinit thread_local List list;
    return list;
  }
};

/// For std::allocate_shared of single objects.
template <class T>
struct RecyclingAllocator {
  using value_type = T;
  RecyclingAllocator() = default;
  template <class U>
  RecyclingAllocator(const RecyclingAllocator<U>&) {}  // NOLINT(google-explicit-constructor)

  T* allocate(std::size_t count) {
    if (count != 1) return static_cast<T*>(::operator new(count * sizeof(T)));
    return static_cast<T*>(Recycler<sizeof(T)>::allocate());
  }
  void deallocate(T* memory, std::size_t count) {
    if (count != 1) {
      ::operator delete(memory);
    } else {
      Recycler<sizeof(T)>::release(memory);
    }
  }
  template <class U>
  friend bool operator==(const RecyclingAllocator&, const RecyclingAllocator<U>&) {
    return true;
  }
};

}  // namespace reprise::internal

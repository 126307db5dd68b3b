"""A priority queue in flat tables, for what is to be updated next: the item of the largest priority is on top.

`links` holds two whole numbers for each item, or more that are not the queue's: at 0 the queue itself (the k-th entry
lies with the k-th item, whatever that is) and at 1 where in it the item is, -1 if nowhere. `numbers` holds its priority
at 0. `counts[0]` says how long the queue is. The widths are how many numbers an item has in each.

Source: Cormen and others, Introduction to Algorithms, section 6.5.
"""

from envkit.tabular.loop import Flat

QUEUE, POSITION = range(2)


def push(links: Flat, width: int, numbers: Flat, wide: int, counts: Flat, item: int, priority: float) -> None:
    """Puts the item in, or raises its priority; a lower one changes nothing."""
    place = links[item * width + POSITION]
    if place < 0:
        place = counts[0]
        counts[0] += 1
    elif priority <= numbers[item * wide]:
        return
    numbers[item * wide] = priority
    while place > 0:
        parent = (place - 1) // 2
        above = links[parent * width + QUEUE]
        if numbers[above * wide] >= priority:
            break
        links[place * width + QUEUE], links[above * width + POSITION] = above, place
        place = parent
    links[place * width + QUEUE], links[item * width + POSITION] = item, place


def pop(links: Flat, width: int, numbers: Flat, wide: int, counts: Flat) -> int:
    """Takes out the item of the largest priority; there must be one."""
    top: int = links[QUEUE]
    links[top * width + POSITION] = -1
    counts[0] -= 1
    count = counts[0]
    if count > 0:
        item, place = links[count * width + QUEUE], 0
        priority = numbers[item * wide]
        while 2 * place + 1 < count:
            child = 2 * place + 1
            below = links[child * width + QUEUE]
            if child + 1 < count:
                other = links[(child + 1) * width + QUEUE]
                if numbers[other * wide] > numbers[below * wide]:
                    child, below = child + 1, other
            if numbers[below * wide] <= priority:
                break
            links[place * width + QUEUE], links[below * width + POSITION] = below, place
            place = child
        links[place * width + QUEUE], links[item * width + POSITION] = item, place
    return top

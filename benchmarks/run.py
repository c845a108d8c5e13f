"""What gdlab costs, as ratios against real alternatives in the same run: `make bench`.

One table in Markdown, and the same in build/bench.json. In every round each alternative takes its turn;
a row holds the medians and their ratio. A timing by itself says nothing about another machine; a ratio
says something. A row whose alternative is not installed says so: requirements.txt lists them.
"""

import loops
import slider
from table import main

if __name__ == "__main__":
    main("bench", loops.measure, slider.measure)

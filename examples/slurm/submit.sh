#!/bin/bash
# Scores all slides of a folder on a Slurm cluster: an array of jobs, one per shard, then a job that writes the summary.
#
#   ./submit.sh MODEL SLIDES RESULTS [SHARDS]
#
# After a failure or a time limit, give the same command again: slides that are done are skipped.
set -euo pipefail

if [ $# -lt 3 ]; then
  echo "Usage: $0 MODEL SLIDES RESULTS [SHARDS]" >&2
  exit 2
fi
model=$1 slides=$2 results=$3 shards=${4:-16}
here=$(cd "$(dirname "$0")" && pwd)

# Shards count from 1, and so do the array's tasks.
array=$(sbatch --parsable --array="1-$shards" "$here/shard.sbatch" "$model" "$slides" "$results")
array=${array%%;*} # A federation adds ";cluster".

# afterany, not afterok: a damaged slide fails its shard, and the summary then lists that slide.
gather=$(sbatch --parsable --dependency="afterany:$array" "$here/gather.sbatch" "$results")
echo "Shards: job $array, $shards tasks. Summary: job ${gather%%;*}."

// Scores all slides of a folder: one process per shard, then one that writes the summary.
//
//   nextflow run main.nf --model idc --slides /data/slides --results /data/results --shards 16
//
// The same command again skips the slides that are done.
nextflow.enable.dsl = 2

params.model = 'idc'
params.slides = null
params.results = null
params.shards = 16

process SHARD {
    tag "${shard}/${params.shards}"
    // The results lie outside Nextflow's work folder, so only cancernet knows what is done.
    cache false
    cpus 4
    memory '4 GB'
    // Code 2: a damaged slide, or a wrong option. Another try gives the same. The summary lists the slide.
    errorStrategy { task.exitStatus == 2 ? 'ignore' : 'retry' }
    maxRetries 3

    input:
    val shard
    val slides
    val results

    output:
    val shard

    script:
    """
    cancernet slide '${params.model}' '${slides}' --out '${results}' --shard ${shard}/${params.shards} --threads ${task.cpus}
    """
}

process GATHER {
    cache false
    cpus 1
    memory '2 GB'

    input:
    val shards
    val results

    script:
    """
    cancernet gather '${results}'
    """
}

workflow {
    if (!params.slides || !params.results) {
        error 'Give --slides and --results.'
    }
    // Processes run in folders of their own, so paths must be absolute.
    def slides = file(params.slides).toAbsolutePath().toString()
    def results = file(params.results).toAbsolutePath().toString()

    SHARD(channel.of(1..(params.shards as int)), slides, results)
    // All shards have ended, those that failed too.
    GATHER(SHARD.out.collect().ifEmpty([]), results)
}

"""What the golden scripts share: the hash, the network, the digest and the JSON file."""

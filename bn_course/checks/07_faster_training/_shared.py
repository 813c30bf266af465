"""What several questions of lesson 07 share."""

HERE = "07_faster_training"

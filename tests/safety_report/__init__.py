"""What the crisis screen finds and what it alarms falsely, measured. Run by `make safety-report`."""

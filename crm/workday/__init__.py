"""The working day: what waits for a member today, and how the month goes."""

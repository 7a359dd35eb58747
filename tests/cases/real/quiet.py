import time

print("hello before", flush=False)
time.sleep(60)
